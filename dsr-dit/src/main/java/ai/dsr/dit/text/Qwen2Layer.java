// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.LanguageKernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.RMSNorm;

/** One layer of {@link Qwen2}: causal attention with grouped key and value heads, then SwiGLU; a norm before each. */
final class Qwen2Layer extends Layer {
    private final int headWidth;
    private final RMSNorm attentionNorm;
    private final Dense query;
    private final Dense key;
    private final Dense value;
    private final Dense output;
    private final RMSNorm mlpNorm;
    private final Dense gate;
    private final Dense up;
    private final Dense down;

    Qwen2Layer(Qwen2Config cfg) {
        int d = cfg.hiddenSize();
        headWidth = cfg.headWidth();
        int grouped = cfg.numKeyValueHeads() * headWidth;
        attentionNorm = child("input_layernorm", new RMSNorm(d, cfg.rmsNormEps()));
        query = child("self_attn.q_proj", Dense.of(d, d, true));
        key = child("self_attn.k_proj", Dense.of(d, grouped, true));
        value = child("self_attn.v_proj", Dense.of(d, grouped, true));
        output = child("self_attn.o_proj", Dense.of(d, d, false));
        mlpNorm = child("post_attention_layernorm", new RMSNorm(d, cfg.rmsNormEps()));
        gate = child("mlp.gate_proj", Dense.of(d, cfg.intermediateSize(), false));
        up = child("mlp.up_proj", Dense.of(d, cfg.intermediateSize(), false));
        down = child("mlp.down_proj", Dense.of(cfg.intermediateSize(), d, false));
    }

    /**
     * Maps states {@code x (B, N, D)} to the same shape.
     *
     * @param rotation cosines and sines {@code (B, N, d/2, 2)}
     * @param mask {@code (B, N)}, 1 for a token and 0 for padding; null if there is no padding
     */
    NDArray forward(NDArray x, NDArray rotation, NDArray mask) {
        NDArray h = attentionNorm.forward(x);
        NDArray q = LanguageKernels.rotateHalves(heads(query.forward(h)), rotation);
        NDArray k = LanguageKernels.rotateHalves(heads(key.forward(h)), rotation);
        NDArray a = LanguageKernels.causalAttention(q, k, heads(value.forward(h)), mask);
        NDArray y = x.add(output.forward(a));
        NDArray m = mlpNorm.forward(y);
        return y.add(down.forward(Kernels.silu(gate.forward(m)).mul(up.forward(m))));
    }

    /** {@code (B, N, K d)} to {@code (B, N, K, d)}. */
    private NDArray heads(NDArray joined) {
        Shape shape = joined.getShape();
        return joined.reshape(shape.get(0), shape.get(1), shape.get(2) / headWidth, headWidth);
    }
}
