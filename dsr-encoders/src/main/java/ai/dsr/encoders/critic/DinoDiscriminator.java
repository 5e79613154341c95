// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * The discriminator of decoder training: a frozen DINO transformer with small trainable heads (StyleGAN-T, Sauer et al.,
 * 2023, projected GANs; in this form VAR, Tian et al., 2024).
 *
 * <p>The transformer is no part of the discriminator's state: checkpoints hold {@link #heads} alone.
 *
 * <pre>{@code
 * DinoDiscriminator critic = new DinoDiscriminator(config);
 * critic.load(weights, WeightFile.read(Path.of("dino_vit_small_patch8_224.pth")));
 * critic.heads().initialize(weights, seeds.child("discriminator"));
 * NDArray logits = critic.forward(images, false);
 * }</pre>
 */
public final class DinoDiscriminator {
    private final List<Integer> keyDepths;
    private final DinoBackbone backbone;
    private final Heads heads;

    /** A discriminator without weights: {@link #load} the transformer, and initialise or load the {@link #heads}. */
    public DinoDiscriminator(DinoDiscriminatorConfig config) {
        keyDepths = config.usedDepths();
        backbone = new DinoBackbone(config.sizes(), config.normEps());
        heads = new Heads(config);
    }

    /**
     * Loads the frozen transformer.
     *
     * @param weights owns its weights from now on
     * @param file the transformer under DINO's own names
     * @throws IllegalArgumentException naming what is missing, unexpected or of another shape
     */
    public void load(NDManager weights, StateDict file) {
        backbone.loadFrozen(weights, file);
    }

    /** The frozen transformer. */
    public DinoBackbone backbone() {
        return backbone;
    }

    /** What trains, under the names {@code heads.0...} of checkpoints; the buffers of spectral norms are among them. */
    public Layer heads() {
        return heads;
    }

    /**
     * How real images look, patch by patch: logits, higher for more real.
     *
     * @param images {@code (B, 3, H, W)} in [-1, 1], any size
     * @param training whether the spectral norms make a power iteration first: every such call moves their buffers, so one
     *     for generated and one for real images moves them twice
     * @return {@code (B, (K+1) T)}: head after head, that of the last block first; of each the patches row by row
     */
    public NDArray forward(NDArray images, boolean training) {
        try (TensorScope scope = TensorScope.under(images.getManager())) {
            NDList logits = new NDList();
            List<NDArray> activations = activations(scope.borrow(images));
            for (int i = 0; i < activations.size(); i++) {
                logits.add(heads.list.get(i).forward(activations.get(i), training)); // (B, T)
            }
            // of one array, concat would be a copy that has lost its gradient
            return scope.keep(logits.size() == 1 ? logits.get(0) : NDArrays.concat(logits, 1));
        }
    }

    /** What the heads look at, in their order: {@code K + 1} arrays {@code (B, E, T)}, that of the last block first. */
    public List<NDArray> activations(NDArray images) {
        return backbone.activations(images, keyDepths);
    }

    private static final class Heads extends Layer {
        private final List<DiscriminatorHead> list = new ArrayList<>();

        Heads(DinoDiscriminatorConfig config) {
            for (int i = 0; i <= config.usedDepths().size(); i++) {
                list.add(child("heads." + i, new DiscriminatorHead(config)));
            }
        }
    }
}
