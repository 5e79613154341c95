// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.dit.TestArrays;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class TransportTest {
    private static Transport transport(PathType path, Prediction prediction) {
        return new Transport(TransportConfig.of(path, prediction));
    }

    private static NDArray exactOutput(Transport transport, NDArray x1, NDArray x0, NDArray t) {
        return switch (transport.config().prediction()) {
            case VELOCITY -> transport.sample(x1, x0, t).velocity();
            case NOISE -> x0.duplicate();
            case SCORE -> x0.neg().div(PerSample.over(transport.path().sigma(t), x0));
            case DATA -> x1.duplicate();
        };
    }

    @Test
    void anExactModelHasNoLoss(NDManager manager) {
        NDArray x1 = TestArrays.normal(manager, 1, 3, 2, 2, 2);
        NDArray x0 = TestArrays.normal(manager, 2, 3, 2, 2, 2);
        NDArray t = manager.create(new float[] {0.06f, 0.5f, 0.9f});
        for (Prediction prediction : Prediction.values()) {
            Transport transport = transport(PathType.LINEAR, prediction);
            double loss = transport
                    .loss(exactOutput(transport, x1, x0, t), x1, x0, t)
                    .total()
                    .getFloat();
            assertEquals(0, loss, 1e-8, prediction.label());
        }
    }

    @Test
    void theDriftOfAnExactModelIsTheVelocityWhateverItPredicts(NDManager manager) {
        NDArray x1 = TestArrays.normal(manager, 3, 3, 2, 2, 2);
        NDArray x0 = TestArrays.normal(manager, 4, 3, 2, 2, 2);
        NDArray t = manager.create(new float[] {0.2f, 0.5f, 0.8f});
        for (Prediction prediction : Prediction.values()) {
            Transport transport = transport(PathType.LINEAR, prediction);
            PathSample at = transport.sample(x1, x0, t);
            NDArray output = exactOutput(transport, x1, x0, t);
            TensorAssert.assertClose(at.velocity(), transport.drift(output, at.x(), t), 1e-4, 1e-4);
            NDArray score = transport.score(output, at.x(), t);
            TensorAssert.assertClose(x0.neg(), score.mul(PerSample.over(t, score)), 1e-4, 1e-4);
        }
    }

    @Test
    void noGradientReachesAnythingButTheOutput(NDManager manager) {
        NDArray x1 = TestArrays.normal(manager, 5, 2, 2, 2, 2);
        NDArray norm = TestArrays.normal(manager, 6, 2, 1, 2, 2).abs().add(1);
        norm.setRequiresGradient(true);
        NDArray output = TestArrays.normal(manager, 7, 2, 2, 2, 2);
        output.setRequiresGradient(true);
        NDArray t = manager.create(new float[] {0.3f, 0.6f});
        TokenWeighting weighting = new TokenWeighting(-1, true, true, 1e-6);
        try (Autograd tape = Autograd.record()) {
            TransportLoss loss = transport(PathType.LINEAR, Prediction.DATA)
                    .loss(output, x1, x1.neg(), t, new Transport.Tokens(norm, weighting));
            NDList gradients = tape.gradients(loss.total(), new NDList(output, norm));
            assertTrue(gradients.get(0).abs().sum().getFloat() > 0);
            assertEquals(0, gradients.get(1).abs().sum().getFloat());
        }
    }

    @Test
    void weightsHaveMeanOneAndMaskedTokensHaveNone(NDManager manager) {
        NDArray norm = manager.create(new float[] {1, 2, 3, 50, 4, 5, 6, 7}, new Shape(2, 1, 2, 2));
        NDArray t = manager.create(new float[] {0.3f, 0.6f});
        NDArray weight = new TokenWeighting(40, true, false, 1e-12).weights(norm, t, 2);
        assertEquals(1, weight.mean().getFloat(), 1e-6);
        assertEquals(0, weight.getFloat(0, 0, 1, 1));
        NDArray none = new TokenWeighting(0.5, false, false, 1e-12).weights(norm, t, 2);
        assertEquals(0, none.abs().sum().getFloat());
    }

    @Test
    void anInactiveWeightingChangesNothing(NDManager manager) {
        NDArray x1 = TestArrays.normal(manager, 8, 2, 2, 2, 2);
        NDArray t = manager.create(new float[] {0.3f, 0.6f});
        TokenWeighting schedulerAlone = new TokenWeighting(-1, false, true, 1e-12);
        TransportLoss loss = transport(PathType.LINEAR, Prediction.VELOCITY)
                .loss(x1.mul(2), x1, x1.neg(), t, new Transport.Tokens(null, schedulerAlone));
        assertNull(loss.tokenWeight());
        assertEquals(loss.samples().mean().getFloat(), loss.total().getFloat());
    }

    @Test
    void timesAreMonotoneInTheDrawAndStayInTheInterval(NDManager manager) {
        NDArray u = manager.create(new float[] {0, 1e-7f, 0.2f, 0.5f, 0.9f, 0.99999994f});
        for (String type : new String[] {"uniform", "logit-normal_0_1", "logit-normal_-0.4_2"}) {
            Transport transport = new Transport(TransportConfig.of(PathType.LINEAR, Prediction.VELOCITY)
                    .withTimeDistType(type)
                    .withTimeDistShift(2));
            float[] t = transport.trainTimes(u).toFloatArray();
            assertEquals(0, t[0], type);
            for (int i = 1; i < t.length; i++) {
                assertTrue(t[i] > t[i - 1], type);
            }
            assertTrue(t[t.length - 1] <= TimeShift.apply(0.999f, 2), type);
        }
    }

    @Test
    void theLikelihoodWeightIsNegativeOnTheLinearPath(NDManager manager) {
        TransportConfig config = new TransportConfig(
                PathType.LINEAR, Prediction.NOISE, LossWeight.LIKELIHOOD, "uniform", 1, null, null, 0.05, null);
        NDArray x = TestArrays.normal(manager, 9, 2, 2, 2, 2);
        NDArray t = manager.create(new float[] {0.3f, 0.6f});
        assertTrue(new Transport(config).loss(x.mul(2), x, x, t).total().getFloat() < 0);
    }

    @Test
    void mismatchedShapesAreNamed(NDManager manager) {
        Transport transport = transport(PathType.LINEAR, Prediction.DATA);
        NDArray x = TestArrays.normal(manager, 10, 2, 2, 2, 2);
        NDArray t = manager.create(new float[] {0.5f});
        NDArray times = manager.create(new float[] {0.5f, 0.5f});
        String batch = assertThrows(IllegalArgumentException.class, () -> transport.loss(x, x, x, t))
                .getMessage();
        assertEquals("t: expected (2), got (1)", batch);
        NDArray wide = TestArrays.normal(manager, 11, 2, 2, 2, 3);
        String shape = assertThrows(IllegalArgumentException.class, () -> transport.loss(x, wide, x, times))
                .getMessage();
        assertEquals("x1: expected (2, 2, 2, 2), got (2, 2, 2, 3)", shape);
    }
}
