// SPDX-License-Identifier: Apache-2.0
package ai.dsr.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.kernel.OptimizerKernels.AdamWMoments;
import ai.dsr.core.kernel.OptimizerKernels.AdamWRule;
import ai.dsr.core.kernel.Torch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
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

/** One AdamW update of all weights in one call against twelve DJL operations a weight: blocks of width 256. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class AdamWBenchmark {
    private static final double TOLERANCE = 1e-5;
    private static final int WIDTH = 256;
    /** Rows of a block's matrices: queries, keys and values; attention output; the two of the MLP, of one size. */
    private static final int[] MATRICES = {3 * WIDTH, WIDTH, 4 * WIDTH, 4 * WIDTH};

    private static final AdamWRule RULE = new AdamWRule(1e-4, 0.9, 0.95, 1e-8, 0.01);

    /** Transformer blocks, of four matrices with a bias each. */
    @Param("8")
    int blocks;

    /** Threads of an operator. */
    @Param("2")
    int threads;

    private NDManager manager;
    private NDList gradients;
    private Model kernelModel;
    private Model composedModel;
    private NDArray count;
    private int updates;

    /** Makes two copies of a model and compares them after the same two updates. */
    @Setup(Level.Trial)
    public void setUp() {
        Torch.setThreads(threads);
        manager = Torch.newManager();
        gradients = normal();
        kernelModel = new Model(normal(), zeros(), zeros());
        composedModel = new Model(zeros(), zeros(), zeros());
        OptimizerKernels.copyInPlace(composedModel.weights, kernelModel.weights);
        count = manager.zeros(new Shape());
        for (int i = 0; i < 2; i++) {
            kernel();
            updates--; // the same update again, the other way
            composed();
        }
        Agreement.require("weight", composedModel.weights, kernelModel.weights, TOLERANCE);
    }

    private NDList normal() {
        return arrays(shape -> manager.randomNormal(0, 1, shape, DataType.FLOAT32));
    }

    private NDList zeros() {
        return arrays(manager::zeros);
    }

    private NDList arrays(Function<Shape, NDArray> make) {
        NDList arrays = new NDList();
        for (int i = 0; i < blocks; i++) {
            for (int rows : MATRICES) {
                arrays.add(make.apply(new Shape(rows, WIDTH)));
                arrays.add(make.apply(new Shape(rows)));
            }
        }
        return arrays;
    }

    /** Frees the weights. */
    @TearDown(Level.Trial)
    public void tearDown() {
        manager.close();
    }

    /** The kernel. */
    @Benchmark
    public void kernel() {
        updates++;
        count.subi(count).addi(updates);
        AdamWMoments moments = new AdamWMoments(kernelModel.first, kernelModel.second);
        OptimizerKernels.adamWInPlace(kernelModel.weights, gradients, moments, count, RULE);
    }

    /** The baseline. */
    @Benchmark
    public void composed() {
        updates++;
        double rate = RULE.learningRate() / (1 - Math.pow(RULE.beta1(), updates));
        double correction = 1 / Math.sqrt(1 - Math.pow(RULE.beta2(), updates));
        for (int i = 0; i < gradients.size(); i++) {
            NDArray first = composedModel.first.get(i);
            NDArray second = composedModel.second.get(i);
            moveMoments(gradients.get(i), first, second);
            try (NDArray change = first.mul(rate);
                    NDArray root = second.sqrt()) {
                change.divi(root.muli(correction).addi(RULE.eps()));
                NDArray weight = composedModel.weights.get(i);
                weight.muli(1 - RULE.learningRate() * RULE.weightDecay()).subi(change);
            }
        }
    }

    private static void moveMoments(NDArray gradient, NDArray first, NDArray second) {
        try (NDArray part = gradient.mul(1 - RULE.beta1());
                NDArray square = gradient.square()) {
            first.muli(RULE.beta1()).addi(part);
            second.muli(RULE.beta2()).addi(square.muli(1 - RULE.beta2()));
        }
    }

    /** Weights and their moments. */
    private record Model(NDList weights, NDList first, NDList second) {}
}
