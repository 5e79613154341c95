// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TransportConfigTest {
    private static TransportConfig parse(String yaml) {
        return Config.parse("transport: {" + yaml + "}", "test").bind("transport", TransportConfig.class);
    }

    private static String message(Executable executable) {
        return assertThrows(IllegalArgumentException.class, executable).getMessage();
    }

    @Test
    void publishedSectionsLoadAsTheyAre() {
        TransportConfig config =
                parse("path_type: Linear, prediction: data, loss_weight: null, time_dist_type: logit-normal_0_1");
        assertEquals(TransportConfig.of(PathType.LINEAR, Prediction.DATA).withTimeDistType("logit-normal_0_1"), config);
        assertEquals(
                new PathParams(0.2, 20),
                parse("path_type: VP, path_params: {sigma_min: 0.2}").pathParams());
    }

    @Test
    void marginsFollowPathAndPrediction() {
        assertEquals(0, TransportConfig.of(PathType.GVP, Prediction.DATA).margin(Phase.TRAINING));
        assertEquals(1e-3, TransportConfig.of(PathType.GVP, Prediction.SCORE).margin(Phase.TRAINING));
        assertEquals(1e-5, TransportConfig.of(PathType.VP, Prediction.VELOCITY).margin(Phase.TRAINING));
        assertEquals(1e-3, TransportConfig.of(PathType.VP, Prediction.VELOCITY).margin(Phase.SAMPLING));
        TransportConfig given = parse("prediction: noise, train_eps: 0.01, sample_eps: 0.02");
        assertEquals(0.01, given.margin(Phase.TRAINING));
        assertEquals(0.02, given.margin(Phase.SAMPLING));
    }

    @Test
    void badValuesAreRefusedWithTheKeyAndWhatIsAllowed() {
        assertEquals("path_type: expected one of Linear, GVP, VP, got Cubic", message(() -> PathType.of("Cubic")));
        assertEquals(
                "prediction: expected one of velocity, noise, score, data, got eps",
                message(() -> Prediction.of("eps")));
        assertEquals(
                "diffusion_form: expected one of constant, SBDM, sigma, linear, decreasing, inccreasing-decreasing, "
                        + "got big",
                message(() -> DiffusionForm.of("big")));
        TransportConfig config = TransportConfig.of(PathType.LINEAR, Prediction.DATA);
        assertEquals(
                "time_dist_type: expected uniform or logit-normal_<mu>_<sigma>, got normal",
                message(() -> config.withTimeDistType("normal")));
        assertEquals(
                "time_dist_type: expected a finite mu and a sigma > 0, got 0.0 and -1.0",
                message(() -> config.withTimeDistType("logit-normal_0_-1")));
        assertEquals("time_dist_shift: expected a number >= 1, got 0.5", message(() -> config.withTimeDistShift(0.5)));
        assertEquals(
                "path_params: expected 0 <= sigma_min < sigma_max, got 3.0 and 2.0",
                message(() -> new PathParams(3, 2)));
    }

    @Test
    void theShiftGrowsWithTheDimension() {
        assertEquals(6.928203230275509, TimeShift.factor(196608, 4096), 1e-15);
        assertEquals("time_dist_shift: expected a number >= 1, got 0.5", message(() -> TimeShift.factor(1024, 4096)));
    }
}
