// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.config.Config;
import ai.dsr.core.config.ConfigException;
import ai.dsr.dit.TestArrays;
import ai.dsr.dit.TinyDenoiser;
import ai.dsr.dit.transport.DiffusionForm;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class SamplerTest {
    private static Transport transport(Prediction prediction) {
        return new Transport(TransportConfig.of(PathType.LINEAR, prediction).withTimeDistShift(2));
    }

    private static SamplerConfig parse(String yaml) {
        return Config.parse("sampler: {" + yaml + "}", "test").bind("sampler", SamplerConfig.class);
    }

    private static Sampler sampler(Prediction prediction, String yaml) {
        return new Sampler(transport(prediction), parse(yaml));
    }

    private static NoiseSource noise(NDArray draws) {
        return (step, manager) -> {
            NDArray draw = draws.get(step);
            draw.attach(manager);
            return draw;
        };
    }

    private static String message(Executable executable) {
        return assertThrows(IllegalArgumentException.class, executable).getMessage();
    }

    @Test
    void fiftyPointsAreFortyNineEvaluations(NDManager manager) {
        NDArray x = TestArrays.normal(manager, 1, 2, 3, 2, 2);
        TinyDenoiser model = TestArrays.denoiser(manager, 2);
        Sampler sampler = new Sampler(transport(Prediction.VELOCITY), SamplerConfig.ode(OdeMethod.EULER, 50));
        Solution end = sampler.sample(model, x, manager.create(new long[] {0, 3}), null, StepListener.NONE);
        assertEquals(49, end.evaluations());
        assertEquals(50, sampler.grid().size());
        assertEquals(1, sampler.grid().at(0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mode: ODE, sampling_method: heun, num_steps: 5",
                "mode: ODE, sampling_method: rk4, num_steps: 4",
                "mode: ODE, sampling_method: dpmpp_2m, num_steps: 5",
                "mode: SDE, sampling_method: euler, num_steps: 5",
                "mode: SDE, sampling_method: heun, num_steps: 5, last_step: Tweedie"
            })
    void samplesDoNotDependOnTheBatch(String yaml, NDManager manager) {
        Sampler sampler = sampler(Prediction.DATA, yaml);
        TinyDenoiser model = TestArrays.denoiser(manager, 3);
        NDArray x = TestArrays.normal(manager, 4, 3, 3, 2, 2);
        NDArray y = manager.create(new long[] {0, 4, 2});
        NDArray draws = TestArrays.normal(manager, 5, 4, 3, 3, 2, 2);
        NDArray together =
                sampler.sample(model, x, y, noise(draws), StepListener.NONE).x();
        NDList alone = new NDList();
        for (int i = 0; i < 3; i++) {
            NDIndex one = new NDIndex().addSliceDim(i, i + 1);
            NDIndex oneOfDraws = new NDIndex().addAllDim().addSliceDim(i, i + 1);
            alone.add(sampler.sample(model, x.get(one), y.get(one), noise(draws.get(oneOfDraws)), StepListener.NONE)
                    .x());
        }
        TensorAssert.assertClose(together, NDArrays.concat(alone), 1e-5, 1e-5);
    }

    @Test
    void anSdeWithoutDiffusionIsTheEulerOde(NDManager manager) {
        NDArray x = TestArrays.normal(manager, 6, 2, 3, 2, 2);
        NDArray y = manager.create(new long[] {0, 3});
        TinyDenoiser model = TestArrays.denoiser(manager, 7);
        NDArray draws = TestArrays.normal(manager, 8, 5, 2, 3, 2, 2);
        Sampler sde = sampler(
                Prediction.DATA,
                "mode: SDE, num_steps: 6, diffusion_form: constant, diffusion_norm: 0, last_step: none");
        NDArray withNoise =
                sde.sample(model, x, y, noise(draws), StepListener.NONE).x();
        NDArray expected = sampler(Prediction.DATA, "num_steps: 6")
                .sample(model, x, y, null, StepListener.NONE)
                .x();
        TensorAssert.assertClose(expected, withNoise, 1e-5, 1e-5);
    }

    @Test
    void reverseWalksBackFromTheDataToTheNoise(NDManager manager) {
        NDArray x = TestArrays.normal(manager, 9, 2, 3, 2, 2);
        NDArray y = manager.create(new long[] {0, 3});
        TinyDenoiser model = TestArrays.denoiser(manager, 10);
        String yaml = "sampling_method: rk4, num_steps: 25, reverse: ";
        NDArray data = sampler(Prediction.VELOCITY, yaml + false)
                .sample(model, x, y, null, StepListener.NONE)
                .x();
        Sampler back = sampler(Prediction.VELOCITY, yaml + true);
        assertTrue(back.grid().isRising());
        TensorAssert.assertClose(
                x, back.sample(model, data, y, null, StepListener.NONE).x(), 1e-3, 1e-3);
    }

    @Test
    void clampedDataPredictionsStayWithinTheBound(NDManager manager) {
        NDArray x = TestArrays.normal(manager, 11, 2, 3, 2, 2);
        Sampler sampler = sampler(Prediction.DATA, "num_steps: 40, clamp_pred: 0.25");
        Solution end = sampler.sample((state, t) -> state.onesLike().mul(9), x, null, StepListener.NONE);
        // The clamped prediction is the same everywhere, so the flow ends there, up to the floor of the divisor.
        assertEquals(0.25, end.x().mean().getFloat(), 0.1);
    }

    @Test
    void aRunLeavesNothingButItsResult(NDManager manager) {
        NDArray x = TestArrays.normal(manager, 12, 2, 3, 2, 2);
        NDArray y = manager.create(new long[] {0, 3});
        TinyDenoiser model = TestArrays.denoiser(manager, 13);
        NDArray draws = TestArrays.normal(manager, 14, 4, 2, 3, 2, 2);
        Sampler sampler = sampler(Prediction.VELOCITY, "mode: SDE, num_steps: 5");
        int before = manager.getManagedArrays().size();
        sampler.sample(
                model,
                x,
                y,
                (step, owner) -> owner.create(draws.get(step).toFloatArray(), x.getShape()),
                (s, n, t, z) -> {
                    assertEquals(5, n);
                });
        int slices = 4; // draws.get above belongs to the test
        assertEquals(before + 1 + slices, manager.getManagedArrays().size());
    }

    @Test
    void optionsThatDoNotSuitThePathOrThePredictionAreRefused() {
        assertEquals(
                "diffusion_form: expected another form than SBDM on the Linear path, where its diffusion is negative, "
                        + "got SBDM; use sigma, linear or decreasing",
                message(() -> sampler(Prediction.VELOCITY, "mode: SDE, diffusion_form: SBDM")));
        assertEquals(
                "clamp_pred: expected none with velocity prediction, got 0.5; it bounds predicted data",
                message(() -> sampler(Prediction.VELOCITY, "clamp_pred: 0.5")));
        assertTrue(message(() -> sampler(Prediction.DATA, "sampling_method: dpmpp_2m, reverse: true"))
                .startsWith("reverse: expected false for dpmpp_2m"));
        Transport scores = new Transport(TransportConfig.of(PathType.VP, Prediction.SCORE));
        assertTrue(message(() -> new Sampler(scores, SamplerConfig.ode(OdeMethod.DPMPP_2M, 5)))
                .startsWith("sampling_method: expected another method than dpmpp_2m with score prediction on the VP"));
        assertTrue(message(() -> sampler(Prediction.DATA, "mode: SDE, sampling_method: heun, last_step: none"))
                .startsWith("last_step_size: expected a time before the data"));
        assertEquals(
                "noise: expected a source for mode SDE, got none", message(() -> sampler(Prediction.DATA, "mode: SDE")
                        .sample((x, t) -> x, null, null, StepListener.NONE)));
        assertEquals(
                new Sampler(
                                new Transport(TransportConfig.of(PathType.VP, Prediction.VELOCITY)),
                                SamplerConfig.sde(SdeMethod.EULER, 4, DiffusionForm.SBDM))
                        .grid()
                        .size(),
                4);
    }

    @Test
    void badConfigurationsNameWhatIsAllowed() {
        assertMessage(
                "sampling_method: dopri8",
                "expected one of euler, midpoint, heun2, heun3, rk4, ab2, dpmpp_2m, dopri5, bosh3, fehlberg2, "
                        + "adaptive_heun, got dopri8");
        assertMessage(
                "mode: SDE, sampling_method: Euler", "sampling_method: expected euler, got Euler; capitals count here");
        assertMessage("sampling_method: RK4", "sampling_method: expected rk4, got RK4; capitals count here");
        assertMessage("mode: SDE, sampling_method: rk4", "sampling_method: expected one of euler, heun, got rk4");
        assertMessage("last_step: Median", "expected one of none, Mean, Tweedie, Euler, got Median");
        assertMessage("num_steps: 1", "num_steps: expected 2 or more, got 1; it counts points, one more than steps");
        assertMessage("mode: SDE, reverse: true", "reverse: expected false for mode SDE, got true; use mode ODE");
        assertMessage("last_step_size: 1.5", "last_step_size: expected a number in [0, 1), got 1.5");
        assertMessage("atol: 0", "atol: expected atol > 0 and rtol >= 0, got 0.0 and 0.001");
    }

    private static void assertMessage(String yaml, String part) {
        String message = assertThrows(ConfigException.class, () -> parse(yaml)).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void aGridMustRiseOrFall() {
        assertEquals(
                "times: expected strictly rising or falling ones, got 0.5 and then 0.5",
                message(() -> TimeGrid.of(1f, 0.5f, 0.5f)));
        assertEquals("num_steps: expected 2 or more, got 1", message(() -> TimeGrid.of(1f)));
    }
}
