// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.TextKernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;

/** One layer of the connector: queries attend to the tokens, then an MLP; both with a norm in front and a residual. */
final class TextConnectorBlock extends Layer {
    private static final double EPS = 1e-6;

    private final int heads;
    private final LayerNorm norm1;
    private final LayerNorm norm2;
    private final Dense query;
    private final Dense keyValue;
    private final Dense out;
    private final Dense fc1;
    private final Dense fc2;

    TextConnectorBlock(TextConnectorConfig cfg) {
        int width = cfg.hiddenSize();
        int hidden = (int) (width * cfg.mlpRatio());
        heads = cfg.numHeads();
        norm1 = child("norm1", LayerNorm.affine(width, EPS));
        query = child("attn.q", Dense.xavier(width, width));
        keyValue = child("attn.kv", Dense.xavier(width, 2 * width));
        out = child("attn.proj", Dense.xavier(width, width));
        norm2 = child("norm2", LayerNorm.affine(width, EPS));
        fc1 = child("mlp.fc1", Dense.xavier(width, hidden));
        fc2 = child("mlp.fc2", Dense.xavier(hidden, width));
    }

    /** Maps queries {@code x (B, L, W)} to the same shape; {@code states (B, T, W)} of which {@code mask (B, T)} count. */
    NDArray forward(NDArray x, NDArray states, NDArray mask) {
        NDList kv = keyValue.forward(states).split(2, 2);
        NDArray a = TextKernels.maskedAttention(query.forward(norm1.forward(x)), kv.get(0), kv.get(1), heads, mask);
        NDArray y = x.add(out.forward(a));
        return y.add(fc2.forward(Kernels.gelu(fc1.forward(norm2.forward(y)))));
    }
}
