// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.config.Config;
import ai.dsr.dit.TestArrays;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.PerSample;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.ProbabilityPath;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Samplers against flows that can be solved on paper.
 *
 * <p>For data {@code N(0, S^2)} the best prediction is linear in x, and the flow scales the state by the standard deviation
 * of {@code x_t}, {@code sqrt(alpha^2 S^2 + sigma^2)}.
 */
@ExtendWith(LeakCheck.class)
class GaussianFlowPropertyTest {
    private static final double SPREAD = 0.3;

    private static double deviation(ProbabilityPath path, float t, NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray time = scope.create(new float[] {t});
            double alpha = path.alpha(time).getFloat();
            double sigma = path.sigma(time).getFloat();
            return Math.sqrt(alpha * alpha * SPREAD * SPREAD + sigma * sigma);
        }
    }

    /** What an ideal model of the data predicts. */
    private static Predictor ideal(Transport transport) {
        ProbabilityPath path = transport.path();
        return (x, t) -> {
            NDArray variance = path.alpha(t)
                    .square()
                    .mul(SPREAD * SPREAD)
                    .add(path.sigma(t).square());
            NDArray data = path.alpha(t).mul(SPREAD * SPREAD).div(variance);
            NDArray noise = path.sigma(t).div(variance);
            NDArray factor =
                    switch (transport.config().prediction()) {
                        case DATA -> data;
                        case NOISE -> noise;
                        case SCORE -> variance.pow(-1).neg();
                        case VELOCITY -> data.mul(path.alphaSlope(t)).add(noise.mul(path.sigmaSlope(t)));
                    };
            return x.mul(PerSample.over(factor, x));
        };
    }

    private static double error(Transport transport, SamplerConfig config, NDManager manager) {
        Sampler sampler = new Sampler(transport, config);
        float[] times = sampler.grid().toArray();
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = TestArrays.normal(scope, 1, 2, 2, 2, 2);
            NDArray end =
                    sampler.sample(ideal(transport), x, null, StepListener.NONE).x();
            double growth = deviation(transport.path(), times[times.length - 1], manager)
                    / deviation(transport.path(), times[0], manager);
            return end.sub(x.mul(growth)).abs().max().getFloat();
        }
    }

    private static List<Arguments> flows() {
        List<Arguments> flows = new ArrayList<>();
        for (PathType path : PathType.values()) {
            for (Prediction prediction : Prediction.values()) {
                // Elsewhere the drift is not that of the path: data prediction divides by t, and the drift of noise and
                // score on the VP path belongs to the diffusion with both coefficients exchanged.
                boolean isExact = path == PathType.LINEAR || (path == PathType.GVP && prediction != Prediction.DATA);
                if (isExact) {
                    flows.add(Arguments.of(path, prediction));
                }
            }
        }
        return flows;
    }

    private static SamplerConfig adaptive(OdeMethod method) {
        return Config.parse("a: {sampling_method: " + method.label() + ", num_steps: 3, rtol: 1e-6}", "test")
                .bind("a", SamplerConfig.class);
    }

    @ParameterizedTest
    @MethodSource("flows")
    void everySolverFollowsTheFlowOfGaussianData(PathType path, Prediction prediction, NDManager manager) {
        // Margins where the drift has no singularity, and no floor of the divisor either.
        Transport transport =
                new Transport(new TransportConfig(path, prediction, null, "uniform", 1, 0.02, 0.02, 1e-4, null));
        for (OdeMethod method : OdeMethod.values()) {
            SamplerConfig config = method.isAdaptive() ? adaptive(method) : SamplerConfig.ode(method, 161);
            double tolerance = method == OdeMethod.EULER ? 0.05 : 5e-3;
            double got = error(transport, config, manager);
            assertEquals(0, got, tolerance, method.label());
        }
    }

    @ParameterizedTest
    @CsvSource({"LINEAR, DATA, 160", "LINEAR, VELOCITY, 160", "GVP, NOISE, 40", "LINEAR, SCORE, 40", "VP, DATA, 20"})
    void theErrorOfDpmSolverFallsWithTheSquareOfTheStep(
            PathType path, Prediction prediction, int steps, NDManager manager) {
        Transport transport =
                new Transport(new TransportConfig(path, prediction, null, "uniform", 1, 0.1, 0.1, 0.05, null));
        double coarse = error(transport, SamplerConfig.ode(OdeMethod.DPMPP_2M, steps + 1), manager);
        double fine = error(transport, SamplerConfig.ode(OdeMethod.DPMPP_2M, 2 * steps + 1), manager);
        assertEquals(2, Math.log(coarse / fine) / Math.log(2), 0.3, coarse + " " + fine);
    }

    @Test
    void fewStepsOfAMultistepMethodBeatEulerAtTheSameCost(NDManager manager) {
        for (Prediction prediction : List.of(Prediction.VELOCITY, Prediction.DATA)) {
            Transport transport = new Transport(TransportConfig.of(PathType.LINEAR, prediction));
            double euler = error(transport, SamplerConfig.ode(OdeMethod.EULER, 11), manager);
            assertTrue(error(transport, SamplerConfig.ode(OdeMethod.DPMPP_2M, 11), manager) < euler / 2);
            assertTrue(error(transport, SamplerConfig.ode(OdeMethod.AB2, 11), manager) < euler / 2);
        }
    }

    @Test
    void oneStepReachesTheDataWhereTheFlowIsStraight(NDManager manager) {
        NDArray x = TestArrays.normal(manager, 2, 2, 2, 2, 2);
        NDArray point = TestArrays.normal(manager, 3, 2, 2, 2, 2);
        Transport transport = new Transport(TransportConfig.of(PathType.LINEAR, Prediction.DATA));
        for (OdeMethod method : List.of(OdeMethod.EULER, OdeMethod.AB2, OdeMethod.DPMPP_2M)) {
            Solution end = new Sampler(transport, SamplerConfig.ode(method, 2))
                    .sample((state, t) -> TestArrays.view(point, state), x, null, StepListener.NONE);
            TensorAssert.assertClose(point, end.x(), 1e-6, 1e-6);
            assertEquals(1, end.evaluations());
        }
        assertEquals(manager, point.getManager());
    }
}
