// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.kernel.LayerKernels.AttentionWeights;
import ai.dsr.core.kernel.LayerKernels.HeadNorm;
import ai.dsr.core.kernel.LayerKernels.Linear;
import ai.dsr.core.tensor.Precision;
import ai.dsr.testkit.LeakCheck;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
class LayerKernelsTest {
    private static final int HEADS = 2;
    private static final int HEAD_WIDTH = 4;
    private static final int WIDTH = HEADS * HEAD_WIDTH;
    private static final int TOKENS = 5;

    private static NDArray attention(NDList in, Precision precision) {
        HeadNorm norm = new HeadNorm(in.get(6), in.get(7), in.get(8), in.get(9), 1e-5);
        AttentionWeights weights = new AttentionWeights(
                new Linear(in.get(1), in.get(2)), new Linear(in.get(3), in.get(4)), norm, in.get(10), in.get(11));
        return LayerKernels.selfAttention(in.get(0), in.get(5), HEADS, weights, precision);
    }

    /** The same from the operators that it joins. */
    private static NDArray attentionByParts(NDList in) {
        NDArray joint = Kernels.linear(in.get(0), in.get(1), in.get(2)).reshape(-1, TOKENS, 3, HEADS, HEAD_WIDTH);
        NDList parts = Kernels.unbind(joint, 2);
        NDArray q = Kernels.layerNorm(parts.get(0), in.get(6), in.get(7), 1e-5);
        NDArray k = Kernels.layerNorm(parts.get(1), in.get(8), in.get(9), 1e-5);
        NDArray keys = Kernels.prependSink(Kernels.rotatePairs(k, in.get(5)), in.get(10));
        NDArray values = Kernels.prependSink(parts.get(2), in.get(11));
        NDArray mixed = Kernels.attention(Kernels.rotatePairs(q, in.get(5)), keys, values);
        return Kernels.linear(mixed, in.get(3), in.get(4));
    }

    private static NDArray[] attentionInputs(KernelCheck check) {
        return new NDArray[] {
            check.input(2, TOKENS, WIDTH),
            check.input(3 * WIDTH, WIDTH),
            check.input(3 * WIDTH),
            check.input(WIDTH, WIDTH),
            check.input(WIDTH),
            check.input(TOKENS, HEAD_WIDTH / 2, 2),
            check.input(HEAD_WIDTH),
            check.input(HEAD_WIDTH),
            check.input(HEAD_WIDTH),
            check.input(HEAD_WIDTH),
            check.input(1, HEADS, 1, HEAD_WIDTH),
            check.input(1, HEADS, 1, HEAD_WIDTH)
        };
    }

    @Test
    void selfAttentionJoinsItsPartsWithAllOptions(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(in -> attention(in, Precision.FP32), LayerKernelsTest::attentionByParts, attentionInputs(check));
    }

    @Test
    void selfAttentionJoinsItsPartsWithoutAnyOption(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(
                in -> LayerKernels.selfAttention(
                        in.get(0),
                        null,
                        HEADS,
                        new AttentionWeights(
                                new Linear(in.get(1), null), new Linear(in.get(2), null), HeadNorm.NONE, null, null),
                        Precision.FP32),
                in -> {
                    NDArray joint = Kernels.linear(in.get(0), in.get(1), null);
                    NDList parts = Kernels.unbind(joint.reshape(-1, TOKENS, 3, HEADS, HEAD_WIDTH), 2);
                    NDArray mixed = Kernels.attention(parts.get(0), parts.get(1), parts.get(2));
                    return Kernels.linear(mixed, in.get(2), null);
                },
                check.input(2, TOKENS, WIDTH),
                check.input(3 * WIDTH, WIDTH),
                check.input(WIDTH, WIDTH));
    }

    @Test
    void headsMayHaveAnRmsNorm(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(
                in -> LayerKernels.selfAttention(
                        in.get(0),
                        null,
                        HEADS,
                        new AttentionWeights(
                                new Linear(in.get(1), null),
                                new Linear(in.get(2), null),
                                new HeadNorm(in.get(3), null, in.get(4), null, 1e-6),
                                null,
                                null),
                        Precision.FP32),
                in -> {
                    NDArray joint = Kernels.linear(in.get(0), in.get(1), null);
                    NDList parts = Kernels.unbind(joint.reshape(-1, TOKENS, 3, HEADS, HEAD_WIDTH), 2);
                    NDArray q = Kernels.rmsNorm(parts.get(0), in.get(3), 1e-6);
                    NDArray k = Kernels.rmsNorm(parts.get(1), in.get(4), 1e-6);
                    return Kernels.linear(Kernels.attention(q, k, parts.get(2)), in.get(2), null);
                },
                check.input(2, TOKENS, WIDTH),
                check.input(3 * WIDTH, WIDTH),
                check.input(WIDTH, WIDTH),
                check.input(HEAD_WIDTH),
                check.input(HEAD_WIDTH));
    }

    @Test
    void networksJoinTheirParts(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(
                in -> LayerKernels.swiGluMlp(
                        in.get(0), new Linear(in.get(1), in.get(2)), new Linear(in.get(3), null), Precision.FP32),
                in -> Kernels.linear(Kernels.swiGlu(Kernels.linear(in.get(0), in.get(1), in.get(2))), in.get(3), null),
                check.input(2, 3, 4),
                check.input(12, 4),
                check.input(12),
                check.input(4, 6));
        check.agree(
                in -> LayerKernels.geluMlp(
                        in.get(0), new Linear(in.get(1), in.get(2)), new Linear(in.get(3), null), Precision.FP32),
                in -> Kernels.linear(
                        Kernels.geluTanh(Kernels.linear(in.get(0), in.get(1), in.get(2))), in.get(3), null),
                check.input(2, 3, 4),
                check.input(6, 4),
                check.input(6),
                check.input(4, 6));
    }

    @ParameterizedTest
    @CsvSource({"BF16, 0.04", "FP16, 0.005"})
    void lowPrecisionIsWithinItsRoundingForwardAndBackward(Precision precision, double bound, NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        near(LayerKernelsTest::attention, precision, bound, attentionInputs(check));
        near(
                (in, p) -> LayerKernels.linear(in.get(0), in.get(1), in.get(2), p),
                precision,
                bound,
                check.input(2, 3, 16),
                check.input(8, 16),
                check.input(8));
        near(
                (in, p) -> LayerKernels.attention(in.get(0), in.get(1), in.get(2), HEADS, p),
                precision,
                bound,
                check.input(2, 3, WIDTH),
                check.input(2, TOKENS, WIDTH),
                check.input(2, TOKENS, WIDTH));
        near(
                (in, p) -> LayerKernels.swiGluMlp(
                        in.get(0), new Linear(in.get(1), in.get(2)), new Linear(in.get(3), null), p),
                precision,
                bound,
                check.input(2, 3, 4),
                check.input(12, 4),
                check.input(12),
                check.input(4, 6));
    }

    /** Values and gradients in another precision: float32 arrays, and near to those of float32 but not equal. */
    private static void near(
            BiFunction<NDList, Precision, NDArray> layer, Precision precision, double bound, NDArray... inputs) {
        NDList exact = valueAndGradients(layer, Precision.FP32, inputs);
        NDList low = valueAndGradients(layer, precision, inputs);
        for (int i = 0; i < exact.size(); i++) {
            assertEquals(DataType.FLOAT32, low.get(i).getDataType());
            double error = low.get(i).sub(exact.get(i)).norm().getFloat();
            double size = exact.get(i).norm().getFloat();
            assertTrue(error <= bound * size, precision + " " + i + ": " + error + " of " + size);
            assertTrue(i > 0 || error > 0, "nothing was rounded");
        }
    }

    private static NDList valueAndGradients(
            BiFunction<NDList, Precision, NDArray> layer, Precision precision, NDArray... inputs) {
        try (Autograd tape = Autograd.record()) {
            NDArray value = layer.apply(new NDList(inputs), precision);
            return new NDList(value).addAll(tape.gradients(value.square().mean(), new NDList(inputs)));
        }
    }
}
