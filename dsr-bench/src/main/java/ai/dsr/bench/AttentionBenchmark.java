// SPDX-License-Identifier: Apache-2.0
package ai.dsr.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.tensor.TensorScope;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Attention in one call against the formula in five: 8 samples, 6 heads of width 64. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class AttentionBenchmark {
    private static final double TOLERANCE = 1e-5;
    private static final int BATCH = 8;
    private static final int HEADS = 6;
    private static final int WIDTH = 64;

    /** Tokens: a latent of the emoji models; 256 patches with 36 registers; a grid of 32 by 32. */
    @Param({"73", "292", "1024"})
    int tokens;

    /** Threads of an operator. */
    @Param("2")
    int threads;

    private NDManager manager;
    private NDList inputs; // q, k, v: (B, N, K, d)

    /** Makes the inputs and compares results and gradients. */
    @Setup(Level.Trial)
    public void setUp() {
        Torch.setThreads(threads);
        manager = Torch.newManager();
        inputs = new NDList();
        for (int i = 0; i < 3; i++) {
            NDArray x = manager.randomNormal(0, 1, new Shape(BATCH, tokens, HEADS, WIDTH), DataType.FLOAT32);
            x.setRequiresGradient(true);
            inputs.add(x);
        }
        try (TensorScope step = TensorScope.under(manager)) {
            NDList in = in(step);
            Agreement.require("attention", formula(in), fused(in), TOLERANCE);
            Agreement.require("gradient", gradients(step, false), gradients(step, true), TOLERANCE);
        }
    }

    /** Frees the inputs. */
    @TearDown(Level.Trial)
    public void tearDown() {
        manager.close();
    }

    /** The baseline, forward. */
    @Benchmark
    public void formulaForward() {
        try (TensorScope step = TensorScope.under(manager)) {
            formula(in(step));
        }
    }

    /** The kernel, forward. */
    @Benchmark
    public void kernelForward() {
        try (TensorScope step = TensorScope.under(manager)) {
            fused(in(step));
        }
    }

    /** The baseline, forward and backward. */
    @Benchmark
    public void formulaGradients() {
        try (TensorScope step = TensorScope.under(manager)) {
            gradients(step, false);
        }
    }

    /** The kernel, forward and backward. */
    @Benchmark
    public void kernelGradients() {
        try (TensorScope step = TensorScope.under(manager)) {
            gradients(step, true);
        }
    }

    /** Views whose results belong to the step. */
    private NDList in(TensorScope step) {
        NDList views = new NDList();
        inputs.forEach(x -> {
            NDArray view = x.reshape(x.getShape());
            view.attach(step.manager());
            views.add(view);
        });
        return views;
    }

    private NDList gradients(TensorScope step, boolean useKernel) {
        try (Autograd tape = Autograd.record()) {
            NDList in = in(step);
            NDArray loss = (useKernel ? fused(in) : formula(in)).square().mean();
            return tape.gradients(loss, inputs);
        }
    }

    private static NDArray fused(NDList in) {
        return Kernels.attention(in.get(0), in.get(1), in.get(2)); // (B, N, K d)
    }

    private static NDArray formula(NDList in) {
        NDArray q = in.get(0).transpose(0, 2, 1, 3); // (B, K, N, d)
        NDArray k = in.get(1).transpose(0, 2, 3, 1); // (B, K, d, N)
        NDArray v = in.get(2).transpose(0, 2, 1, 3); // (B, K, N, d)
        NDArray weights = Kernels.scale(q.matMul(k), 1 / Math.sqrt(WIDTH)).softmax(-1); // (B, K, N, N)
        NDArray x = weights.matMul(v).transpose(0, 2, 1, 3); // (B, N, K, d)
        return x.reshape(x.getShape().get(0), x.getShape().get(1), (long) HEADS * WIDTH);
    }
}
