// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.train.optim.ProfileFit.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProfileFitTest {
    @ParameterizedTest
    @CsvSource({"0.05, 16.97", "0.1, 6.94"}) // Karras et al., 2024, section 3.1
    void lengthsHaveTheExponentsOfThePaper(double length, double exponent) {
        assertEquals(exponent, PowerProfile.ofLength(length).exponent(), 0.01);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.1, 0.28})
    void weightsOfStepsAreWhatTheUpdatesMakeThem(double length) {
        PowerProfile profile = PowerProfile.ofLength(length);
        int steps = 50;
        double[] weights = new double[steps + 1];
        for (int t = 1; t <= steps; t++) {
            double decay = profile.decay(t);
            for (int i = 1; i < t; i++) {
                weights[i] *= decay;
            }
            weights[t] = 1 - decay;
        }
        double sum = 0;
        double mean = 0;
        double square = 0;
        for (int i = 1; i <= steps; i++) {
            assertEquals(weights[i], profile.weight(i, steps), 1e-13);
            sum += weights[i];
            mean += weights[i] * (i - 0.5) / steps;
            square += weights[i] * Math.pow((i - 0.5) / steps, 2);
        }
        assertEquals(1, sum, 1e-12);
        assertEquals(length, Math.sqrt(square - mean * mean), 1e-3); // its length is what it is called
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 5e-4, 0.29, 1, Double.NaN})
    void impossibleLengthsAreRefused(double length) {
        String message = assertThrows(IllegalArgumentException.class, () -> PowerProfile.ofLength(length))
                .getMessage();
        assertEquals("lengths: expected widths of 0.001 to 0.288, got " + length, message);
    }

    private static List<Snapshot> snapshots(int every, int steps) {
        List<Snapshot> snapshots = new ArrayList<>();
        for (double length : new double[] {0.05, 0.1}) {
            for (int t = every; t <= steps; t += every) {
                snapshots.add(new Snapshot(PowerProfile.ofLength(length), t));
            }
        }
        return snapshots;
    }

    @Test
    void aStoredAverageIsItsOwnBestFit() {
        List<Snapshot> snapshots = snapshots(100, 400);
        ProfileFit fit = ProfileFit.of(snapshots, new Snapshot(PowerProfile.ofLength(0.1), 300));
        for (int i = 0; i < snapshots.size(); i++) {
            assertEquals(i == 6 ? 1 : 0, fit.coefficients()[i], 1e-6);
        }
        assertEquals(0, fit.error(), 1e-6);
    }

    /** Between the stored lengths a fit is good; beyond them it takes more snapshots. */
    @ParameterizedTest
    @CsvSource({"0.03, 0.05", "0.06, 0.005", "0.075, 0.005", "0.09, 0.005", "0.15, 0.02", "0.25, 0.1"})
    void otherLengthsAreFittedAndBetterByMoreSnapshots(double length, double largest) {
        Snapshot target = new Snapshot(PowerProfile.ofLength(length), 4000);
        double coarse = ProfileFit.of(snapshots(1000, 4000), target).error();
        double fine = ProfileFit.of(snapshots(250, 4000), target).error();
        double finest = ProfileFit.of(snapshots(50, 4000), target).error();
        assertTrue(finest < fine && fine < coarse, finest + " < " + fine + " < " + coarse);
        assertTrue(fine < largest, "error " + fine);
    }
}
