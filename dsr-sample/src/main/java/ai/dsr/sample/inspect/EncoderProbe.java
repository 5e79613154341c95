// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.encoders.register.OutlierNorms;
import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.encoders.register.RecursiveSearch.Pixels;
import ai.dsr.encoders.vit.MlpHook;
import ai.dsr.encoders.vit.PatchGrid;
import ai.dsr.encoders.vit.ViTBackbone;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Measures the block outputs of a vision transformer. */
public final class EncoderProbe {
    /** Attention costs as much as the rest of the network, and its averages settle early. */
    static final int ATTENTION_IMAGES = 32;

    private final ViTBackbone network;
    private final OutlierRule rule;

    /** A probe that calls a patch an outlier by {@code rule}. */
    public EncoderProbe(ViTBackbone network, OutlierRule rule) {
        this.network = network;
        this.rule = rule;
    }

    /**
     * Runs the network over images of one size: norms of all, attention of the first {@value #ATTENTION_IMAGES}.
     *
     * @param manager parent of the managers that the work is done in
     */
    public TokenProfile measure(Pixels pixels, NDManager manager, Progress progress) {
        TokenProfile profile = null;
        for (int image = 0; image < pixels.count(); image++) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray x = pixels.get(scope, image);
                PatchGrid grid = network.grid(x);
                profile = profile == null ? empty(grid) : profile;
                add(profile, x, grid, image < ATTENTION_IMAGES);
            }
            progress.step(1);
        }
        if (profile == null) {
            throw new IllegalArgumentException("images: expected some, got none");
        }
        return profile;
    }

    private TokenProfile empty(PatchGrid grid) {
        List<String> names = IntStream.range(0, network.depth())
                .mapToObj(block -> "block " + block)
                .toList();
        return new TokenProfile(names, grid.height(), grid.width());
    }

    private void add(TokenProfile profile, NDArray x, PatchGrid grid, boolean withAttention) {
        List<NDArray> states = network.hiddenStates(network.embed(x), grid, MlpHook.NONE); // L + 1 of (1, T, D)
        OutlierNorms norms = OutlierNorms.of(
                NDArrays.stack(new NDList(states)), network.prefixTokens(), network.suffixTokens(), rule);
        float[] norm = norms.norms().toFloatArray(); // (L + 1, 1, P)
        boolean[] isOutlier = norms.isOutlier().toBooleanArray();
        int patches = grid.count();
        for (int block = 0; block < network.depth(); block++) {
            int from = (block + 1) * patches;
            profile.add(
                    block,
                    Arrays.copyOfRange(norm, from, from + patches),
                    Arrays.copyOfRange(isOutlier, from, from + patches));
            if (withAttention) {
                boolean[] inputs = Arrays.copyOfRange(isOutlier, from - patches, from);
                profile.addAttention(block, attention(states.get(block), grid, block, inputs));
            }
        }
    }

    private AttentionMass attention(NDArray state, PatchGrid grid, int block, boolean[] isOutlier) {
        int prefix = network.prefixTokens();
        try (TensorScope scope = TensorScope.under(state.getManager())) {
            NDArray weights = network.attentionWeights(scope.borrow(state), grid, block); // (1, K, T, T)
            NDArray looks =
                    weights.get(new NDIndex().addAllDim().addAllDim().addSliceDim(prefix, prefix + grid.count()));
            float[] share = looks.reshape(-1, looks.getShape().get(3))
                    .mean(new int[] {0})
                    .toFloatArray(); // (T): of each key
            int classTokens = network.hasClassToken() ? 1 : 0;
            return AttentionMass.of(share, 0, classTokens, prefix - classTokens, isOutlier);
        }
    }
}
