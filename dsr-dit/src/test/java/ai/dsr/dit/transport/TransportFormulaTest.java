// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.dit.TestArrays;
import ai.dsr.dit.transport.ScalarTransport.Point;
import ai.dsr.testkit.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every combination of options against {@link ScalarTransport}. */
@ExtendWith(LeakCheck.class)
class TransportFormulaTest {
    private static final float[] TIMES = {0.03f, 0.31f, 0.5f, 0.77f, 0.96f};
    private static final int TOKENS = 6;

    private static Transport transport(PathType path, Prediction prediction, LossWeight weight) {
        return new Transport(new TransportConfig(path, prediction, weight, "uniform", 1.7, null, null, 0.05, null));
    }

    private static NDArray normal(NDManager manager, long seed) {
        return TestArrays.normal(manager, seed, TIMES.length, 2, 2, 3);
    }

    private static void close(double expected, float got, String what) {
        assertEquals(expected, got, 2e-5 + 5e-4 * Math.abs(expected), what);
    }

    @ParameterizedTest
    @EnumSource
    void lossesAndTheirGradientsFollowTheFormulas(PathType path, NDManager manager) {
        float[] o = normal(manager, 1).toFloatArray();
        float[] x1 = normal(manager, 2).toFloatArray();
        float[] x0 = normal(manager, 3).toFloatArray();
        for (Prediction prediction : Prediction.values()) {
            for (LossWeight weight : LossWeight.values()) {
                String what = path + " " + prediction + " " + weight;
                NDArray output = normal(manager, 1);
                output.setRequiresGradient(true);
                try (Autograd tape = Autograd.record()) {
                    TransportLoss loss = transport(path, prediction, weight)
                            .loss(output, normal(manager, 2), normal(manager, 3), manager.create(TIMES));
                    float[] elements = loss.elements().toFloatArray();
                    float[] gradient = tape.gradients(loss.total(), new NDList(output))
                            .get(0)
                            .toFloatArray();
                    int each = o.length / TIMES.length;
                    for (int i = 0; i < o.length; i++) {
                        Point at = Point.of(path, TIMES[i / each]);
                        close(at.loss(prediction, weight, o[i], x1[i], x0[i]), elements[i], what);
                        double step = 1e-4;
                        double slope = (at.loss(prediction, weight, o[i] + step, x1[i], x0[i])
                                        - at.loss(prediction, weight, o[i] - step, x1[i], x0[i]))
                                / (2 * step);
                        close(slope, gradient[i] * o.length, what + " gradient");
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void driftScoreAndDataFollowTheFormulas(PathType path, NDManager manager) {
        NDArray x = normal(manager, 4);
        NDArray output = normal(manager, 5);
        NDArray t = manager.create(TIMES);
        for (Prediction prediction : Prediction.values()) {
            Transport transport = transport(path, prediction, LossWeight.NONE);
            float[] drift = transport.drift(output, x, t).toFloatArray();
            float[] score = transport.score(output, x, t).toFloatArray();
            for (int i = 0; i < drift.length; i++) {
                Point at = Point.of(path, TIMES[i / (drift.length / TIMES.length)]);
                String what = path + " " + prediction + " t = " + at.t();
                float o = output.toFloatArray()[i];
                close(at.drift(prediction, o, x.toFloatArray()[i]), drift[i], what);
                close(at.score(prediction, o, x.toFloatArray()[i]), score[i], what);
            }
        }
    }

    @Test
    void tokenWeightsFollowTheFormulas(NDManager manager) {
        List<TokenWeighting> all = List.of(
                new TokenWeighting(3, false, false, 1e-12),
                new TokenWeighting(3, false, true, 1e-12),
                new TokenWeighting(-1, true, false, 1e-12),
                new TokenWeighting(0, true, true, 1e-6),
                new TokenWeighting(3, true, true, 1e-5),
                new TokenWeighting(2, true, false, 1e-3));
        NDArray norm =
                TestArrays.normal(manager, 6, TIMES.length, 1, 2, 3).exp().mul(2);
        float[] values = norm.toFloatArray();
        double[][] norms = new double[TIMES.length][TOKENS];
        double[] times = new double[TIMES.length];
        for (int i = 0; i < values.length; i++) {
            norms[i / TOKENS][i % TOKENS] = values[i];
            times[i / TOKENS] = TIMES[i / TOKENS];
        }
        for (TokenWeighting options : all) {
            for (double shift : new double[] {1, 2.5, 6.928}) {
                double[][] expected = ScalarTransport.weights(options, norms, times, shift);
                double mean = 0;
                for (double[] row : expected) {
                    for (double w : row) {
                        mean += w / values.length;
                    }
                }
                float[] got =
                        options.weights(norm, manager.create(TIMES), shift).toFloatArray();
                for (int i = 0; i < got.length; i++) {
                    close(expected[i / TOKENS][i % TOKENS] / (mean + options.eps()), got[i], options + " " + shift);
                }
            }
        }
    }

    @Test
    void drawsAtTheCornersGiveTheEndsOfTheInterval(NDManager manager) {
        NDArray corners = manager.create(new float[] {0, 1 - 0x1p-24f});
        for (Prediction prediction : Prediction.values()) {
            for (String type : List.of("logit-normal_0_1", "logit-normal_-0.4_2", "logit-normal_3_0.2", "uniform")) {
                Transport transport = new Transport(
                        TransportConfig.of(PathType.LINEAR, prediction).withTimeDistType(type));
                TimeInterval interval = transport.odeInterval(Phase.TRAINING);
                float[] t = transport.trainTimes(corners).toFloatArray();
                assertEquals(interval.start(), t[0], 1e-6, type);
                assertTrue(t[1] > t[0] && t[1] <= (float) interval.end(), type);
            }
        }
    }

    @Test
    void theDistributionOfTimesHasTheRightQuantiles(NDManager manager) {
        NDArray u = manager.create(new float[] {0.158655f, 0.5f, 0.841345f});
        TransportConfig config = TransportConfig.of(PathType.LINEAR, Prediction.DATA);
        float[] t = new Transport(config.withTimeDistType("logit-normal_0.5_0.8"))
                .trainTimes(u)
                .toFloatArray();
        for (int i = 0; i < 3; i++) {
            assertEquals(1 / (1 + Math.exp(-(0.5 + 0.8 * (i - 1)))), t[i], 1e-5);
        }
        float[] cut = new Transport(config.withTimeDistShift(3)).trainTimes(u).toFloatArray();
        assertEquals(3 * 0.5 / 2, cut[1], 1e-6);
    }
}
