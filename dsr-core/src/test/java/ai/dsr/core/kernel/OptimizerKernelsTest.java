// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.OptimizerKernels.AdamWMoments;
import ai.dsr.core.kernel.OptimizerKernels.AdamWRule;
import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class OptimizerKernelsTest {
    @Test
    void theGlobalNormRunsOverAllElementsOfAllArrays(NDManager manager) {
        NDList arrays = new NDList(
                manager.create(new float[] {1, 2}), manager.create(new float[] {2, 4, 0, 0}, new Shape(2, 2)));

        assertEquals(5, OptimizerKernels.globalNorm(arrays).getFloat(), 1e-6);
    }

    @Test
    void clippingScalesAboveTheBoundOnlyAndLeavesItsInputsAlone(NDManager manager) {
        NDList arrays = new NDList(manager.create(new float[] {3, 0}), manager.create(new float[] {4}));
        NDArray norm = OptimizerKernels.globalNorm(arrays);
        NDList clipped = OptimizerKernels.clipped(arrays, norm, 1);
        NDList kept = OptimizerKernels.clipped(arrays, norm, 6);

        double factor = 1 / (5 + 1e-6);
        assertArrayEquals(new float[] {(float) (3 * factor), 0}, clipped.get(0).toFloatArray(), 1e-7f);
        assertArrayEquals(new float[] {(float) (4 * factor)}, clipped.get(1).toFloatArray(), 1e-7f);
        assertArrayEquals(new float[] {3, 0}, kept.get(0).toFloatArray());
        assertArrayEquals(new float[] {3, 0}, arrays.get(0).toFloatArray());
        assertArrayEquals(new float[] {4}, arrays.get(1).toFloatArray());
    }

    @Test
    void oneGradientSharedByTwoWeightsIsClippedOnce(NDManager manager) {
        NDArray a = manager.ones(new Shape(4));
        NDArray b = manager.ones(new Shape(4));
        a.setRequiresGradient(true);
        b.setRequiresGradient(true);
        NDList gradients;
        try (Autograd tape = Autograd.record()) {
            gradients = tape.gradients(Kernels.scale(a.add(b), 2).sum(), new NDList(a, b));
        }
        NDArray norm = OptimizerKernels.globalNorm(gradients); // sqrt(8 * 4)
        NDList clipped = OptimizerKernels.clipped(gradients, norm, 1);

        for (NDArray gradient : clipped) {
            TensorAssert.assertClose(manager.full(new Shape(4), (float) (2 / Math.sqrt(32))), gradient, 1e-6, 0);
        }
        assertEquals(1, OptimizerKernels.globalNorm(clipped).getFloat(), 1e-6);
    }

    @Test
    void listsAreAddedAndCopiedInPlace(NDManager manager) {
        NDList arrays = new NDList(manager.create(new float[] {1, 2}), manager.create(new float[] {3}));
        NDList others = new NDList(manager.create(new float[] {10, 20}), manager.create(new float[] {30}));
        OptimizerKernels.addInPlace(arrays, others);
        assertArrayEquals(new float[] {11, 22}, arrays.get(0).toFloatArray());
        assertArrayEquals(new float[] {33}, arrays.get(1).toFloatArray());

        OptimizerKernels.copyInPlace(arrays, others);
        assertArrayEquals(new float[] {10, 20}, arrays.get(0).toFloatArray());
        assertArrayEquals(new float[] {30}, others.get(1).toFloatArray());
    }

    @Test
    void theAverageOfAConstantIsExactlyTheConstant(NDManager manager) {
        float[] values = SeedTree.of(5).stream().normals(100);
        NDList ema = new NDList(manager.create(values));
        NDList weights = new NDList(manager.create(values));
        for (int i = 0; i < 100; i++) {
            OptimizerKernels.lerpInPlace(ema, weights, 1 - 0.9995);
        }
        assertArrayEquals(values, ema.get(0).toFloatArray());

        OptimizerKernels.lerpInPlace(ema, new NDList(manager.zeros(new Shape(100))), 0.25);
        assertEquals(0.75f * values[3], ema.get(0).getFloat(3), 1e-6f);
    }

    @Test
    void adamWFollowsTheDecoupledRuleInFloat64(NDManager manager) {
        AdamWRule rule = new AdamWRule(0.01, 0.9, 0.95, 1e-8, 0.1);
        RandomStream random = SeedTree.of(9).stream();
        int n = 37;
        NDList weights = new NDList(manager.create(random.normals(n)), manager.ones(new Shape(2, 2)));
        AdamWMoments moments = new AdamWMoments(
                new NDList(manager.zeros(new Shape(n)), manager.zeros(new Shape(2, 2))),
                new NDList(manager.zeros(new Shape(n)), manager.zeros(new Shape(2, 2))));
        double[] w = doubles(weights.get(0));
        double[] m = new double[n];
        double[] v = new double[n];
        for (int step = 1; step <= 6; step++) {
            NDList gradients = new NDList(manager.create(random.normals(n)), manager.ones(new Shape(2, 2)));
            reference(w, doubles(gradients.get(0)), m, v, step, rule);
            OptimizerKernels.adamWInPlace(weights, gradients, moments, manager.create((float) step), rule);
        }

        for (int i = 0; i < n; i++) {
            assertEquals(w[i], weights.get(0).getFloat(i), 2e-6);
            assertEquals(m[i], moments.first().get(0).getFloat(i), 1e-6);
            assertEquals(v[i], moments.second().get(0).getFloat(i), 1e-6);
        }
    }

    private static void reference(double[] w, double[] g, double[] m, double[] v, int step, AdamWRule rule) {
        for (int i = 0; i < w.length; i++) {
            w[i] *= 1 - rule.learningRate() * rule.weightDecay();
            m[i] = rule.beta1() * m[i] + (1 - rule.beta1()) * g[i];
            v[i] = rule.beta2() * v[i] + (1 - rule.beta2()) * g[i] * g[i];
            double mean = m[i] / (1 - Math.pow(rule.beta1(), step));
            double square = v[i] / (1 - Math.pow(rule.beta2(), step));
            w[i] -= rule.learningRate() * mean / (Math.sqrt(square) + rule.eps());
        }
    }

    private static double[] doubles(NDArray array) {
        float[] values = array.toFloatArray();
        double[] result = new double[values.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = values[i];
        }
        return result;
    }
}
