// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.dit.TestArrays;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakCheck.class)
class ProbabilityPathPropertyTest {
    private static ProbabilityPath path(PathType type) {
        return ProbabilityPath.of(type, PathParams.STANDARD);
    }

    @ParameterizedTest
    @EnumSource
    void thePathStartsAtTheDataAndEndsAtTheNoise(PathType type, NDManager manager) {
        NDArray data = TestArrays.normal(manager, 1, 2, 3, 2, 2);
        NDArray noise = TestArrays.normal(manager, 2, 2, 3, 2, 2);
        NDArray start = path(type).interpolate(data, noise, manager.zeros(new Shape(2)));
        NDArray end = path(type).interpolate(data, noise, manager.ones(new Shape(2)));
        // The VP path keeps exp(-5) of the noise at the data end.
        TensorAssert.assertClose(data, start, type == PathType.VP ? 0.03 : 1e-6, 0);
        TensorAssert.assertClose(noise, end, 1e-6, 0);
    }

    @ParameterizedTest
    @EnumSource
    void theVelocityIsTheDerivativeOfTheState(PathType type, NDManager manager) {
        NDArray data = TestArrays.normal(manager, 3, 4, 3, 2, 2);
        NDArray noise = TestArrays.normal(manager, 4, 4, 3, 2, 2);
        NDArray t = manager.create(new float[] {0.2f, 0.4f, 0.6f, 0.8f});
        double step = 1e-2;
        NDArray difference = path(type)
                .interpolate(data, noise, t.add(step))
                .sub(path(type).interpolate(data, noise, t.sub(step)))
                .div(2 * step);
        TensorAssert.assertClose(path(type).velocity(data, noise, t), difference, 1e-2, 1e-2);
    }

    @ParameterizedTest
    @EnumSource
    void velocityNoiseAndScoreDescribeTheSamePoint(PathType type, NDManager manager) {
        NDArray data = TestArrays.normal(manager, 5, 3, 3, 2, 2);
        NDArray noise = TestArrays.normal(manager, 6, 3, 3, 2, 2);
        NDArray t = manager.create(new float[] {0.3f, 0.5f, 0.7f});
        ProbabilityPath path = path(type);
        NDArray x = path.interpolate(data, noise, t);
        NDArray velocity = path.velocity(data, noise, t);
        NDArray score = path.scoreFromVelocity(velocity, x, t);
        TensorAssert.assertClose(noise, path.noiseFromVelocity(velocity, x, t), 1e-4, 1e-3);
        TensorAssert.assertClose(noise.neg(), score.mul(PerSample.over(path.sigma(t), score)), 1e-4, 1e-3);
        if (type != PathType.VP) { // whose drift belongs to the diffusion with both coefficients exchanged
            TensorAssert.assertClose(velocity, path.velocityFromScore(score, x, t), 1e-3, 1e-3);
        }
    }
}
