// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.model.ActivationTap;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.encoders.register.OutlierNorms;
import ai.dsr.encoders.register.OutlierRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * Measures the blocks of a denoiser: norms of image tokens at their outputs, and where image tokens look. Registers and
 * sinks count as places to look at, not as tokens that could be outliers.
 */
public final class DenoiserProbe {
    private final DiffusionTransformer model;
    private final OutlierRule rule;
    private TokenProfile profile;
    private int registers;

    /** A probe that calls an image token an outlier by {@code rule}. */
    public DenoiserProbe(DiffusionTransformer model, OutlierRule rule) {
        this.model = model;
        this.rule = rule;
    }

    /**
     * Runs the model on some states, usually of one noise level, and takes note of what its blocks do.
     *
     * @param x states {@code (B, C, S, S)}; their manager takes what is computed on the way
     * @param t times {@code (B)}
     * @param y conditions {@code (B, ...)}
     */
    public void add(NDArray x, NDArray t, NDArray y) {
        try (NDManager scope = x.getManager().newSubManager()) {
            Readings readings = new Readings(model.tokens());
            model.forward(TensorScope.view(x, scope), TensorScope.view(t, scope), TensorScope.view(y, scope), readings);
            int side = (int) Math.sqrt(model.tokens());
            if (profile == null) {
                profile = new TokenProfile(readings.names, side, side);
            }
            registers = readings.registers;
            readings.blocks.forEach(reading -> reading.addTo(profile));
        }
    }

    /**
     * What all states together show, a layer a block.
     *
     * @throws IllegalStateException if none were added
     */
    public TokenProfile profile() {
        if (profile == null) {
            throw new IllegalStateException("probe: expected states to look at, got none");
        }
        return profile;
    }

    /** Registers in the last block. */
    public int registers() {
        return registers;
    }

    /** What one block did with a batch. */
    private record Reading(int layer, List<float[]> norms, List<boolean[]> outliers, List<AttentionMass> attention) {
        void addTo(TokenProfile profile) {
            for (int i = 0; i < norms.size(); i++) {
                profile.add(layer, norms.get(i), outliers.get(i));
                profile.addAttention(layer, attention.get(i));
            }
        }
    }

    /** Follows one forward call. Outliers of a block's attention are those of its input. */
    private final class Readings implements ActivationTap {
        private final int tokens;
        private final List<String> names = new ArrayList<>();
        private final List<Reading> blocks = new ArrayList<>();
        private List<boolean[]> inputs;
        private List<AttentionMass> attention;
        private int head = -1;
        private int registers;

        Readings(int tokens) {
            this.tokens = tokens;
        }

        @Override
        public boolean wantsAttention(int block) {
            return true;
        }

        @Override
        public void accept(String name, NDArray value) {
            int dot = name.indexOf('.');
            if (dot < 0) {
                return;
            }
            int block = Integer.parseInt(name.substring(dot + 1));
            switch (name.substring(0, dot)) {
                case "block_input" -> {
                    head = block > 0 ? block : head; // a second stack of blocks begins: the wide head
                    inputs = outliers(measure(value));
                }
                case "attention" -> attention = masses(value);
                case "block" -> {
                    OutlierNorms norms = measure(value);
                    inputs = outliers(norms);
                    names.add(head < 0 ? "block " + block : "head " + (block - head));
                    blocks.add(new Reading(blocks.size(), norms(norms), inputs, attention));
                }
                default -> {
                    // conditions and the like
                }
            }
        }

        private OutlierNorms measure(NDArray h) {
            registers = Math.toIntExact(h.getShape().get(1)) - tokens;
            return OutlierNorms.of(h.expandDims(0), registers, 0, rule);
        }

        private List<boolean[]> outliers(OutlierNorms norms) {
            boolean[] all = norms.isOutlier().toBooleanArray();
            return bySample(all.length, (from, to) -> Arrays.copyOfRange(all, from, to));
        }

        private List<float[]> norms(OutlierNorms norms) {
            float[] all = norms.norms().toFloatArray();
            return bySample(all.length, (from, to) -> Arrays.copyOfRange(all, from, to));
        }

        private <T> List<T> bySample(int length, BiFunction<Integer, Integer, T> range) {
            return IntStream.range(0, length / tokens)
                    .mapToObj(i -> range.apply(i * tokens, (i + 1) * tokens))
                    .toList();
        }

        /** Shares of the image tokens' attention {@code (B, K, R + N, S + R + N)}, by sample. */
        private List<AttentionMass> masses(NDArray pattern) {
            Shape shape = pattern.getShape();
            int before = Math.toIntExact(shape.get(2)) - tokens;
            int sinks = Math.toIntExact(shape.get(3) - shape.get(2));
            NDArray looks = pattern.get(new NDIndex().addAllDim().addAllDim().addSliceDim(before, shape.get(2)));
            float[] share = looks.mean(new int[] {1}).mean(new int[] {1}).toFloatArray(); // (B, S + R + N)
            int keys = sinks + before + tokens;
            List<AttentionMass> masses = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                float[] own = Arrays.copyOfRange(share, i * keys, (i + 1) * keys);
                masses.add(AttentionMass.of(own, sinks, 0, before, inputs.get(i)));
            }
            return masses;
        }
    }
}
