// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ParameterRecipeTest {
    @Test
    void theCheckValuesOfTheDescriptionComeOut() {
        assertEquals(0xDE73AE9D17C13F4EL, ParameterRecipe.hash("a.weight"));
        assertArrayEquals(
                new float[] {(float) 0.34106362, (float) -0.54166114, (float) 0.80666769},
                Arrays.copyOf(ParameterRecipe.values("a.weight", 2, 3), 3));
        assertArrayEquals(
                new float[] {(float) 0.95258951, (float) 0.90538293, (float) 1.01410460},
                Arrays.copyOf(ParameterRecipe.values("norm.weight", 4), 3));
    }

    @Test
    void variancesLieAroundOneAndBiasesAroundZero() {
        for (float value : ParameterRecipe.values("bn.running_var", 100)) {
            assertTrue(value >= 0.5f && value <= 1.5f, "variance " + value);
        }
        for (float value : ParameterRecipe.values("bn.running_mean", 100)) {
            assertTrue(Math.abs(value) <= 0.1f, "mean " + value);
        }
        assertEquals(1, ParameterRecipe.values("scale").length); // no dimension: one number
    }
}
