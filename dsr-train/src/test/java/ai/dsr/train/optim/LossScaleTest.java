// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.tensor.Precision;
import org.junit.jupiter.api.Test;

class LossScaleTest {
    @Test
    void itIsHalvedByOverflowAndDoubledByTwoThousandGoodSteps() {
        LossScale scale = LossScale.of(Precision.FP16);
        assertEquals(65536, scale.factor());
        assertTrue(scale.shrink());
        assertEquals(32768, scale.factor());
        for (int i = 0; i < 1999; i++) {
            scale.succeed();
        }
        assertEquals(32768, scale.factor());
        scale.succeed();
        assertEquals(65536, scale.factor());
        assertEquals(0, scale.goodSteps());
    }

    @Test
    void atOneThereIsNothingLeftToTry() {
        LossScale scale = LossScale.of(Precision.FP16);
        scale.restore(2, 7);
        assertEquals(7, scale.goodSteps());
        assertTrue(scale.shrink());
        assertFalse(scale.shrink());
        assertEquals(1, scale.factor());
    }

    @Test
    void otherPrecisionsAreNotScaled() {
        LossScale scale = LossScale.of(Precision.BF16);
        scale.restore(4, 1);
        scale.succeed();
        assertFalse(scale.shrink());
        assertEquals(1, scale.factor());
        assertEquals(0, scale.goodSteps());
    }
}
