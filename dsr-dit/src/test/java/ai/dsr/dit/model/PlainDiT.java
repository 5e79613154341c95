// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Map;

/**
 * The denoisers once more, as their description reads: elementary operations on weights by name, no kernel, no layer.
 *
 * <p>What the models are compared with where no stored case has a combination of switches.
 */
final class PlainDiT {
    private final Map<String, NDArray> weights;
    private final NDManager manager;
    private final boolean rms;
    private final boolean swiglu;
    private final boolean woShift;
    private int heads;
    private int grid; // 0: no rotation

    PlainDiT(Map<String, NDArray> weights, NDManager manager, boolean rms, boolean swiglu, boolean woShift) {
        this.weights = weights;
        this.manager = manager;
        this.rms = rms;
        this.swiglu = swiglu;
        this.woShift = woShift;
    }

    PlainDiT with(int headCount, int rotatedGrid) {
        heads = headCount;
        grid = rotatedGrid;
        return this;
    }

    NDArray weight(String name) {
        return weights.get(name);
    }

    NDArray linear(String name, NDArray x) {
        NDArray product = x.reshape(-1, x.getShape().getLastDimension())
                .matMul(weight(name + ".weight").transpose())
                .add(weight(name + ".bias"));
        long[] shape = x.getShape().getShape().clone();
        shape[shape.length - 1] = product.getShape().getLastDimension();
        return product.reshape(shape);
    }

    static NDArray silu(NDArray x) {
        return x.div(x.neg().exp().add(1));
    }

    /** Normed without centring, or centred and without weight. */
    NDArray norm(String name, NDArray x) {
        return rms ? rmsNorm(weight(name + ".weight"), x) : centred(x, 1e-6);
    }

    private static NDArray rmsNorm(NDArray weight, NDArray x) {
        int last = x.getShape().dimension() - 1;
        return x.div(x.square().mean(new int[] {last}, true).add(1e-6).sqrt()).mul(weight);
    }

    private static NDArray centred(NDArray x, double eps) {
        int[] last = {x.getShape().dimension() - 1};
        NDArray difference = x.sub(x.mean(last, true));
        return difference.div(difference.square().mean(last, true).add(eps).sqrt());
    }

    /** Patches of {@code x}, read channel-slowest, through the convolution's weight. */
    NDArray patches(String name, NDArray x, int patch) {
        Shape s = x.getShape();
        long side = s.get(2) / patch;
        NDArray rows = x.reshape(s.get(0), s.get(1), side, patch, side, patch)
                .transpose(0, 2, 4, 1, 3, 5)
                .reshape(s.get(0) * side * side, s.get(1) * patch * patch);
        NDArray w = weight(name + ".proj.weight");
        NDArray matrix = w.reshape(w.getShape().get(0), -1);
        return rows.matMul(matrix.transpose())
                .add(weight(name + ".proj.bias"))
                .reshape(s.get(0), side * side, w.getShape().get(0));
    }

    /** Channel-fastest patches back to an image, one number at a time. */
    NDArray image(NDArray tokens, int patch, int channels) {
        Shape s = tokens.getShape();
        int side = (int) Math.round(Math.sqrt((double) s.get(1)));
        float[] from = tokens.toFloatArray();
        int size = side * patch;
        float[] to = new float[from.length];
        int at = 0;
        for (int b = 0; b < s.get(0); b++) {
            for (int token = 0; token < side * side; token++) {
                for (int entry = 0; entry < patch * patch; entry++) {
                    int row = token / side * patch + entry / patch;
                    int column = token % side * patch + entry % patch;
                    for (int c = 0; c < channels; c++) {
                        to[((b * channels + c) * size + row) * size + column] = from[at++];
                    }
                }
            }
        }
        return manager.create(to, new Shape(s.get(0), channels, size, size));
    }

    /** All sines, all cosines of {@code 2 pi t W}, then two layers. */
    NDArray fourier(NDArray t, NDArray frequencies) {
        NDArray angle = t.reshape(-1, 1).mul(frequencies).mul(2).mul(Math.PI);
        return timeMlp(NDArrays.concat(new NDList(angle.sin(), angle.cos()), 1));
    }

    NDArray timeMlp(NDArray waves) {
        return linear("t_embedder.mlp.2", silu(linear("t_embedder.mlp.0", waves)));
    }

    /** One block; {@code c (B, rows, E)} with as many rows as x or one. */
    NDArray block(String name, NDArray x, NDArray c, int registers) {
        int parts = woShift ? 4 : 6;
        NDList m = linear(name + ".adaLN_modulation.1", silu(c)).split(parts, 2);
        NDArray none = manager.zeros(new Shape(1));
        NDArray shift1 = woShift ? none : m.get(0);
        NDArray scale1 = m.get(woShift ? 0 : 1);
        NDArray gate1 = m.get(woShift ? 1 : 2);
        NDArray shift2 = woShift ? none : m.get(3);
        NDArray scale2 = m.get(woShift ? 2 : 4);
        NDArray gate2 = m.get(woShift ? 3 : 5);
        NDArray a = attention(
                name + ".attn", norm(name + ".norm1", x).mul(scale1.add(1)).add(shift1), registers);
        NDArray y = x.add(a.mul(gate1));
        NDArray h = norm(name + ".norm2", y).mul(scale2.add(1)).add(shift2);
        return y.add(mlp(name + ".mlp", h).mul(gate2));
    }

    private NDArray mlp(String name, NDArray x) {
        if (swiglu) {
            NDList halves = linear(name + ".w12", x).split(2, 2);
            return linear(name + ".w3", silu(halves.get(0)).mul(halves.get(1)));
        }
        NDArray h = linear(name + ".fc1", x);
        NDArray inner = h.add(h.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
        return linear(name + ".fc2", h.mul(inner.tanh().add(1)).mul(0.5));
    }

    private NDArray attention(String name, NDArray x, int registers) {
        Shape s = x.getShape();
        long width = s.get(2);
        NDArray joint = linear(name + ".qkv", x)
                .reshape(s.get(0), s.get(1), 3, heads, width / heads)
                .transpose(2, 0, 3, 1, 4); // (3, B, K, N, d)
        NDArray q = rotated(headNorm(name + ".q_norm", joint.get(0)), registers);
        NDArray k = rotated(headNorm(name + ".k_norm", joint.get(1)), registers);
        NDArray v = joint.get(2);
        if (weights.containsKey(name + ".k_bias")) {
            k = sink(name + ".k_bias", k);
            v = sink(name + ".v_bias", v);
        }
        NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)).div(Math.sqrt((double) width / heads));
        NDArray out = scores.softmax(3).matMul(v).transpose(0, 2, 1, 3).reshape(s);
        return linear(name + ".proj", out);
    }

    private NDArray sink(String name, NDArray x) {
        Shape s = x.getShape();
        return weight(name)
                .broadcast(new Shape(s.get(0), s.get(1), 1, s.get(3)))
                .concat(x, 2);
    }

    private NDArray headNorm(String name, NDArray x) {
        if (!weights.containsKey(name + ".weight")) {
            return x;
        }
        return rms
                ? rmsNorm(weight(name + ".weight"), x)
                : centred(x, 1e-5).mul(weight(name + ".weight")).add(weight(name + ".bias"));
    }

    /** Turns {@code x (B, K, N, d)} behind its registers: half a head by the row, half by the column, in pairs. */
    private NDArray rotated(NDArray x, int registers) {
        if (grid == 0) {
            return x;
        }
        Shape s = x.getShape();
        int d = (int) s.get(3);
        float[] values = x.toFloatArray();
        for (int i = 0; i < values.length; i += 2) {
            int column = i % d;
            int token = i / d % (int) s.get(2) - registers;
            if (token < 0) {
                continue;
            }
            int half = d / 2;
            int position = column < half ? token / grid : token % grid;
            int pair = column % half / 2;
            double angle = position * Math.pow(10000, -2.0 * pair / half);
            float a = values[i];
            float b = values[i + 1];
            values[i] = (float) (a * Math.cos(angle) - b * Math.sin(angle));
            values[i + 1] = (float) (b * Math.cos(angle) + a * Math.sin(angle));
        }
        return manager.create(values, s);
    }

    /** Registers named with {@code prefix} in front of {@code h}. */
    NDArray join(String prefix, NDArray h) {
        NDArray rows = weight(prefix + "register_tokens").add(weight(prefix + "register_pos_embed"));
        Shape s = rows.getShape();
        return rows.broadcast(new Shape(h.getShape().get(0), s.get(1), s.get(2)))
                .concat(h, 1);
    }

    /** The output layer; shift and scale whatever the blocks have. */
    NDArray last(NDArray x, NDArray c, boolean isNormed) {
        NDList m = linear("final_layer.adaLN_modulation.1", silu(c)).split(2, 2);
        NDArray y = isNormed ? norm("final_layer.norm_final", x) : x;
        return linear("final_layer.linear", y.mul(m.get(1).add(1)).add(m.get(0)));
    }
}
