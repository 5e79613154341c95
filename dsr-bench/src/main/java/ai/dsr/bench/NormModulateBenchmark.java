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

/** RMSNorm with AdaLN's shift and scale in one call against seven DJL operations: 8 samples of width 384. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class NormModulateBenchmark {
    private static final double TOLERANCE = 1e-5;
    private static final double EPS = 1e-6;
    private static final int BATCH = 8;
    private static final int WIDTH = 384;

    /** Tokens: a latent of the emoji models; 256 patches with 36 registers. */
    @Param({"73", "292"})
    int tokens;

    /** Threads of an operator. */
    @Param("2")
    int threads;

    private NDManager manager;
    private NDList inputs; // x (B, N, D), weight (D), shift (B, 1, D), scale (B, 1, D)

    /** Makes the inputs and compares results and gradients. */
    @Setup(Level.Trial)
    public void setUp() {
        Torch.setThreads(threads);
        manager = Torch.newManager();
        inputs = new NDList();
        Shape condition = new Shape(BATCH, 1, WIDTH);
        for (Shape shape : new Shape[] {new Shape(BATCH, tokens, WIDTH), new Shape(WIDTH), condition, condition}) {
            NDArray x = manager.randomNormal(0, 1, shape, DataType.FLOAT32);
            x.setRequiresGradient(true);
            inputs.add(x);
        }
        try (TensorScope step = TensorScope.under(manager)) {
            NDArray x = view(step);
            Agreement.require("norm", composed(x), fused(x), TOLERANCE);
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
    public void composedForward() {
        try (TensorScope step = TensorScope.under(manager)) {
            composed(view(step));
        }
    }

    /** The kernel, forward. */
    @Benchmark
    public void kernelForward() {
        try (TensorScope step = TensorScope.under(manager)) {
            fused(view(step));
        }
    }

    /** The baseline, forward and backward. */
    @Benchmark
    public void composedGradients() {
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

    /** A view of x whose results belong to the step. */
    private NDArray view(TensorScope step) {
        NDArray view = inputs.get(0).reshape(inputs.get(0).getShape());
        view.attach(step.manager());
        return view;
    }

    private NDList gradients(TensorScope step, boolean useKernel) {
        try (Autograd tape = Autograd.record()) {
            NDArray x = view(step);
            NDArray loss = (useKernel ? fused(x) : composed(x)).square().mean();
            return tape.gradients(loss, inputs);
        }
    }

    private NDArray fused(NDArray x) {
        return Kernels.rmsNormModulate(x, inputs.get(1), inputs.get(2), inputs.get(3), EPS);
    }

    private NDArray composed(NDArray x) {
        NDArray root = x.square().mean(new int[] {2}, true).add(EPS).sqrt(); // (B, N, 1)
        NDArray y = x.div(root).mul(inputs.get(1)); // (B, N, D)
        return y.mul(one(x).add(inputs.get(3))).add(inputs.get(2));
    }

    /** A one that belongs to the step, so that {@code 1 + scale} does as well. */
    private static NDArray one(NDArray x) {
        return x.getManager().create(1f);
    }
}
