// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.Conditioning;
import ai.dsr.dit.model.Denoiser;
import java.util.function.Function;

/** A network at each pixel: {@code A x + b + W2 tanh(W1 x + t u + E[y])}. */
public final class TinyDenoiser implements Denoiser {
    private final NDArray a;
    private final NDArray b;
    private final NDArray w1;
    private final NDArray w2;
    private final NDArray u;
    private final NDArray table;

    /** Takes {@code A, b, W1, W2, u, E} by name. */
    public TinyDenoiser(Function<String, NDArray> weights) {
        a = nameless(weights.apply("A"));
        b = nameless(weights.apply("b"));
        w1 = nameless(weights.apply("W1"));
        w2 = nameless(weights.apply("W2"));
        u = nameless(weights.apply("u"));
        table = nameless(weights.apply("E"));
    }

    /** The engine takes a dot in the name of a kernel's argument for a key of a dictionary. */
    private static NDArray nameless(NDArray weight) {
        return weight.reshape(weight.getShape());
    }

    @Override
    public NDArray forward(NDArray x, NDArray t, NDArray y) {
        Shape shape = x.getShape();
        NDArray pixels = x.reshape(shape.get(0), shape.get(1), -1).transpose(0, 2, 1); // (B, N, C)
        NDArray bias = t.reshape(-1, 1).mul(u).add(Kernels.embedding(y, table)).expandDims(1); // (B, 1, H)
        NDArray hidden = Kernels.linear(pixels, w1, null).add(bias).tanh();
        NDArray result = Kernels.linear(pixels, a, b).add(Kernels.linear(hidden, w2, null));
        return result.transpose(0, 2, 1).reshape(shape);
    }

    @Override
    public Conditioning conditioning() {
        return ClassLabels.of((int) table.getShape().get(0) - 1, 1);
    }

    @Override
    public Shape latentShape() {
        throw new UnsupportedOperationException("latentShape: expected a model of one size, got one of any");
    }
}
