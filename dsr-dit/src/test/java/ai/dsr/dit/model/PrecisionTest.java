// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.TestArrays;
import ai.dsr.testkit.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products in 16 bits, everything else in float32: near to float32, forward and backward. */
@ExtendWith(LeakCheck.class)
class PrecisionTest {
    /** A model whose weights are all drawn: a new one would predict 0 and have no gradients. */
    private static LightningDiT model(NDManager manager) {
        LightningDiT model = new LightningDiT(DiTConfig.of(4, 3, 5, 32, 3, 4).withRegisters(4, 1));
        model.initialize(manager, SeedTree.of(1));
        NDList weights = new NDList(model.arrays().values());
        for (NDArray weight : weights) {
            float[] noise = SeedTree.of(2).stream().normals((int) weight.size());
            NDArray draws = manager.create(noise, weight.getShape()).mul(0.1);
            OptimizerKernels.addInPlace(new NDList(weight), new NDList(draws));
        }
        return model;
    }

    private static NDArray predict(LightningDiT model, NDManager manager) {
        NDArray x = TestArrays.normal(manager, 3, 2, 3, 4, 4);
        return model.forward(x, manager.create(new float[] {0.2f, 0.8f}), manager.create(new long[] {1, 5}));
    }

    /** The prediction, and the gradient of its mean square for every weight. */
    private static NDList differentiate(LightningDiT model, NDManager manager) {
        NDList weights = model.requireGradients(weight -> true);
        try (Autograd tape = Autograd.record()) {
            NDArray output = predict(model, manager);
            return new NDList(output).addAll(tape.gradients(output.square().mean(), weights));
        }
    }

    private static double distance(NDArray exact, NDArray got) {
        return got.sub(exact).norm().getFloat() / exact.norm().getFloat();
    }

    @ParameterizedTest
    @CsvSource({"BF16, 0.02, 0.05", "FP16, 0.003, 0.01"})
    void predictionsAndGradientsStayWithinTheRoundingOfTheType(
            Precision precision, double outputBound, double gradientBound, NDManager manager) {
        LightningDiT model = model(manager);
        NDList exact = differentiate(model, manager);
        model.setPrecision(precision);
        NDList low = differentiate(model, manager);
        double output = distance(exact.get(0), low.get(0));
        assertTrue(output > 1e-6 && output < outputBound, precision + " prediction " + output);
        List<String> names = List.copyOf(model.weights().keySet());
        for (int i = 0; i < names.size(); i++) {
            NDArray gradient = low.get(i + 1);
            assertEquals(DataType.FLOAT32, gradient.getDataType());
            double error = distance(exact.get(i + 1), gradient);
            assertTrue(error < gradientBound, precision + " " + names.get(i) + " " + error);
        }
    }

    @Test
    void theChoiceBelongsToOneModelAndCanBeTakenBack(NDManager manager) {
        LightningDiT model = model(manager);
        LightningDiT other = model(manager);
        float[] exact = predict(model, manager).toFloatArray();
        model.setPrecision(Precision.BF16);
        assertEquals(Precision.FP32, other.precision());
        assertArrayEquals(exact, predict(other, manager).toFloatArray());
        assertTrue(predict(model, manager)
                        .sub(manager.create(exact, new Shape(2, 3, 4, 4)))
                        .abs()
                        .max()
                        .getFloat()
                > 0);
        model.setPrecision(Precision.FP32);
        assertArrayEquals(exact, predict(model, manager).toFloatArray());
    }
}
