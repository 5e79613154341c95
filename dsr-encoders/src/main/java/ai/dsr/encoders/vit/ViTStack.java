// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * Blocks one after the other, named {@code 0, 1, ...}.
 *
 * <p>Each block runs in a scope of its own, so that a deep network holds the activations of one block at a time. While
 * gradients are recorded the engine keeps what the backward pass needs, whatever is closed here.
 */
public final class ViTStack extends Layer {
    private final List<ViTBlock> blocks = new ArrayList<>();

    /** {@code depth} equal blocks. */
    public ViTStack(ViTBlockConfig config, int depth) {
        if (depth < 1) {
            throw new IllegalArgumentException("num_hidden_layers: expected 1 or more, got " + depth);
        }
        for (int i = 0; i < depth; i++) {
            blocks.add(child(Integer.toString(i), new ViTBlock(config)));
        }
    }

    /** Number of blocks. */
    public int depth() {
        return blocks.size();
    }

    /**
     * Runs the first {@code count} blocks.
     *
     * @param x {@code (B, T, D)}
     * @param rotary positions of queries and keys
     * @param count 0 to {@link #depth}; the blocks above are not run
     * @return {@code (B, T, D)} in the manager of {@code x}; {@code x} itself if no block was asked for
     */
    public NDArray forward(NDArray x, RotaryPositions rotary, int count, MlpHook hook) {
        NDArray y = x;
        for (int i = 0; i < count; i++) {
            NDArray next = run(i, y, rotary, hook);
            if (i > 0) {
                y.close();
            }
            y = next;
        }
        return y;
    }

    /** Runs all blocks; returns {@code x} and the output of each, {@code depth + 1} arrays {@code (B, T, D)}. */
    public List<NDArray> hiddenStates(NDArray x, RotaryPositions rotary, MlpHook hook) {
        List<NDArray> states = new ArrayList<>();
        states.add(x);
        for (int i = 0; i < depth(); i++) {
            states.add(run(i, states.get(i), rotary, hook));
        }
        return states;
    }

    /** The attention weights {@code (B, K, T, T)} of block {@code layer} for its input {@code x (B, T, D)}. */
    public NDArray attentionWeights(NDArray x, RotaryPositions rotary, int layer) {
        try (TensorScope scope = TensorScope.under(x.getManager())) {
            return scope.keep(blocks.get(layer).attentionWeights(scope.borrow(x), rotary));
        }
    }

    private NDArray run(int layer, NDArray x, RotaryPositions rotary, MlpHook hook) {
        try (TensorScope scope = TensorScope.under(x.getManager())) {
            NDArray handle = scope.borrow(x);
            return scope.keep(blocks.get(layer).forward(handle, rotary, activation -> hook.apply(layer, activation)));
        }
    }
}
