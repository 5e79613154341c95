// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.kernel.OptimizerKernels.AdamWMoments;
import ai.dsr.core.kernel.OptimizerKernels.AdamWRule;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class LeafLayersTest {
    @Test
    void aDenseLayerOfZerosGivesZerosAndOneWithoutBiasHasNone(NDManager manager) {
        NDArray x = normals(manager, 2, 3, 4);
        Dense zeros = initialized(Dense.zeros(4, 5), manager);
        Dense plain = initialized(Dense.of(4, 5, false), manager);

        TensorAssert.assertSame(manager.zeros(new Shape(2, 3, 5)), zeros.forward(x));
        assertEquals(1, plain.weights().size());
        TensorAssert.assertClose(x.matMul(plain.arrays().get("weight").transpose()), plain.forward(x), 1e-6, 1e-5);
        TensorAssert.assertSame(
                manager.zeros(new Shape(5)),
                initialized(Dense.xavier(4, 5), manager).arrays().get("bias"));
    }

    @Test
    void normsBeginAsTheirPlainFormulas(NDManager manager) {
        NDArray x = normals(manager, 2, 3, 4);
        RMSNorm rms = initialized(new RMSNorm(4), manager);
        NDArray norm = rms.forward(x);
        TensorAssert.assertClose(manager.ones(new Shape(2, 3)), norm.square().mean(new int[] {2}), 1e-4, 0);
        NDArray shift = normals(manager, 2, 1, 4);
        NDArray scale = normals(manager, 2, 1, 4);
        TensorAssert.assertClose(norm.mul(scale.add(1)).add(shift), rms.forward(x, shift, scale), 1e-6, 1e-5);
        LayerNorm affine = initialized(LayerNorm.affine(4, 1e-6), manager);
        TensorAssert.assertClose(LayerNorm.plain(1e-6).forward(x), affine.forward(x), 1e-6, 1e-5);
        assertEquals(0, LayerNorm.plain(1e-6).weights().size());
    }

    @Test
    void patchEmbeddingsAreNamedAsInTheCheckpoints(NDManager manager) {
        assertEquals(new Shape(6, 3, 2, 2), PatchEmbed.xavier(3, 6, 2).shapes().get("proj.weight"));
        assertEquals(
                new Shape(6), PatchEmbed.named("projection", 3, 6, 2).shapes().get("projection.bias"));
        assertEquals(new Shape(6), PatchEmbed.named("", 3, 6, 2).shapes().get("bias"));
        PatchEmbed embed = initialized(PatchEmbed.xavier(3, 6, 2), manager);
        assertEquals(
                new Shape(2, 6, 6), embed.forward(normals(manager, 2, 3, 4, 6)).getShape());
    }

    @Test
    void activationsAreFoundByTheirConfigurationNames(NDManager manager) {
        NDArray x = normals(manager, 9);

        TensorAssert.assertSame(Kernels.gelu(x), Activation.of("gelu").apply(x));
        TensorAssert.assertSame(
                Kernels.geluTanh(x), Activation.of("gelu_pytorch_tanh").apply(x));
        TensorAssert.assertSame(Kernels.silu(x), Activation.of("swish").apply(x));
        TensorAssert.assertSame(x.maximum(0), Activation.of("relu").apply(x));
        assertEquals(
                "hidden_act: expected gelu, gelu_new, gelu_pytorch_tanh, silu or relu, got tanh",
                assertThrows(IllegalArgumentException.class, () -> Activation.of("tanh"))
                        .getMessage());
    }

    @Test
    void positionsEncodeTheColumnFirstAndThenTheRow() {
        float[] table = SinCosPositions.table(8, 3);
        int width = 8;
        int row = 2;
        int column = 1;
        int start = (row * 3 + column) * width;
        double[] expected = {
            Math.sin(1), Math.sin(0.01), Math.cos(1), Math.cos(0.01), // the frequencies are 1 and 1/100
            Math.sin(2), Math.sin(0.02), Math.cos(2), Math.cos(0.02)
        };
        for (int i = 0; i < width; i++) {
            assertEquals(expected[i], table[start + i], 1e-7);
        }
        assertThrows(IllegalArgumentException.class, () -> SinCosPositions.table(6, 3));
    }

    @Test
    void twoThousandTrainingStepsLeaveTheNumberOfArraysConstant(NDManager manager) {
        Dense layer = initialized(Dense.of(3, 2, true), manager);
        NDList weights = layer.requireGradients(weight -> true);
        AdamWMoments moments = new AdamWMoments(zerosLike(manager, weights), zerosLike(manager, weights));
        NDArray x = normals(manager, 4, 3);
        step(manager, layer, weights, moments, x, 1);
        int before = managed(manager);
        assertTrue(before >= 7, () -> "two weights, four moments and x, got " + before);
        for (int i = 2; i <= 2000; i++) {
            step(manager, layer, weights, moments, x, i);
        }

        assertEquals(before, managed(manager));
        TensorAssert.assertClose(manager.zeros(new Shape(4, 2)), layer.forward(x), 0.05, 0);
    }

    /** One update that pulls the layer's output towards zero. */
    private static void step(
            NDManager manager, Dense layer, NDList weights, AdamWMoments moments, NDArray x, int number) {
        try (TensorScope scope = TensorScope.under(manager)) {
            NDArray input = x.duplicate();
            input.attach(scope.manager());
            NDList gradients;
            try (Autograd tape = Autograd.record()) {
                gradients = tape.gradients(layer.forward(input).square().mean(), weights);
            }
            NDList clipped = OptimizerKernels.clipped(gradients, OptimizerKernels.globalNorm(gradients), 1);
            NDArray count = scope.manager().create((float) number);
            OptimizerKernels.adamWInPlace(weights, clipped, moments, count, new AdamWRule(0.01, 0.9, 0.95, 1e-8, 0));
        }
    }

    /** Arrays of the manager and of all above it: whatever a step left there counts. */
    private static int managed(NDManager manager) {
        int count = 0;
        NDManager child = null;
        for (NDManager m = manager; m instanceof BaseNDManager base && m != child; m = child.getParentManager()) {
            count += base.getManagedArrays().size();
            child = m;
        }
        return count;
    }

    private static NDList zerosLike(NDManager manager, NDList arrays) {
        NDList zeros = new NDList();
        arrays.forEach(array -> zeros.add(manager.zeros(array.getShape())));
        return zeros;
    }

    private static <L extends Layer> L initialized(L layer, NDManager manager) {
        layer.initialize(manager, SeedTree.of(1));
        return layer;
    }

    private static NDArray normals(NDManager manager, long... shape) {
        Shape s = new Shape(shape);
        return manager.create(SeedTree.of(6).stream().normals((int) s.size()), s);
    }
}
