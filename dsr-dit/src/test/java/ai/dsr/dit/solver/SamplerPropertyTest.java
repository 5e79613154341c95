// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.config.Config;
import ai.dsr.dit.TestArrays;
import ai.dsr.dit.TinyDenoiser;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Laws of whole sampling runs, for every solver. */
@ExtendWith(LeakCheck.class)
class SamplerPropertyTest {
    private static Sampler sampler(Prediction prediction, String yaml) {
        SamplerConfig config = Config.parse("sampler: {" + yaml + "}", "test").bind("sampler", SamplerConfig.class);
        return new Sampler(new Transport(TransportConfig.of(PathType.LINEAR, prediction)), config);
    }

    private static NDArray run(Sampler sampler, Denoiser model, NDArray x) {
        NDArray y = x.getManager().create(new long[] {0, 3});
        NoiseSource noise = (step, owner) -> TestArrays.normal(owner, 100 + step, 2, 3, 2, 2);
        return sampler.sample(model, x, y, noise, StepListener.NONE).x();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DPMPP_2M")
    void theOdeWalkedBackReturnsToTheNoise(OdeMethod method, NDManager manager) {
        TinyDenoiser model = TestArrays.denoiser(manager, 1);
        NDArray x = TestArrays.normal(manager, 2, 2, 3, 2, 2);
        String yaml = "num_steps: 101, rtol: 1e-6, sampling_method: " + method.label() + ", reverse: ";
        NDArray data = run(sampler(Prediction.VELOCITY, yaml + "false"), model, x);
        NDArray back = run(sampler(Prediction.VELOCITY, yaml + "true"), model, data);
        TensorAssert.assertClose(x, back, method == OdeMethod.EULER ? 0.1 : 2e-3, 0);
    }

    @ParameterizedTest
    @EnumSource
    void theSameNoiseGivesTheSameBitsAndGuidanceOfOneIsNone(OdeMethod method, NDManager manager) {
        TinyDenoiser model = TestArrays.denoiser(manager, 3);
        TinyDenoiser guide = TestArrays.denoiser(manager, 4);
        NDArray x = TestArrays.normal(manager, 5, 2, 3, 2, 2);
        Sampler sampler = sampler(Prediction.DATA, "num_steps: 4, sampling_method: " + method.label());
        float[] first = run(sampler, model, x).toFloatArray();
        assertArrayEquals(first, run(sampler, model, x).toFloatArray());
        for (GuidanceMethod kind : GuidanceMethod.values()) {
            Denoiser none = GuidanceConfig.of(kind, 1).guide(model, guide);
            assertArrayEquals(first, run(sampler, none, x).toFloatArray());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "sampling_method: euler, 9",
        "sampling_method: midpoint, 18",
        "sampling_method: heun, 18",
        "sampling_method: heun3, 27",
        "sampling_method: rk4, 36",
        "sampling_method: ab2, 9",
        "sampling_method: dpmpp_2m, 9",
        "'mode: SDE, sampling_method: euler', 10",
        "'mode: SDE, sampling_method: euler, last_step: none', 9",
        "'mode: SDE, sampling_method: heun', 19"
    })
    void tenPointsCostSoManyEvaluations(String yaml, int evaluations, NDManager manager) {
        TinyDenoiser model = TestArrays.denoiser(manager, 6);
        NDArray x = TestArrays.normal(manager, 7, 2, 3, 2, 2);
        NDArray y = manager.create(new long[] {0, 3});
        NoiseSource noise = (step, owner) -> TestArrays.normal(owner, step, 2, 3, 2, 2);
        int[] calls = new int[1];
        Solution end = sampler(Prediction.DATA, yaml + ", num_steps: 10")
                .sample(
                        (state, t) -> {
                            calls[0]++;
                            return model.forward(state, t, TestArrays.view(y, state));
                        },
                        x,
                        noise,
                        StepListener.NONE);
        assertEquals(evaluations, end.evaluations());
        assertEquals(evaluations, calls[0]);
    }
}
