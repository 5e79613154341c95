// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loss.DiffAugment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class DrawsTest {
    private static final Shape SAMPLE = new Shape(2, 3);

    private static Draws draws(long seed, long step, int offset, int size) {
        return new Draws(seed, new Batch(step, offset, new int[size]));
    }

    @Test
    void splittingABatchChangesNoDraw(NDManager manager) {
        float[] whole = draws(7, 3, 0, 5).normal("noise", manager, SAMPLE).toFloatArray();
        float[] head = draws(7, 3, 0, 2).normal("noise", manager, SAMPLE).toFloatArray();
        float[] tail = draws(7, 3, 2, 3).normal("noise", manager, SAMPLE).toFloatArray();
        assertArrayEquals(Arrays.copyOf(whole, 12), head);
        assertArrayEquals(Arrays.copyOfRange(whole, 12, 30), tail);
        float[] uniform = draws(7, 3, 0, 5).uniform("time");
        assertArrayEquals(Arrays.copyOfRange(uniform, 2, 5), draws(7, 3, 2, 3).uniform("time"));
    }

    @Test
    void augmentationHasGatesOfTheBatchAndValuesOfThePlace() {
        DiffAugment.Draws whole = draws(7, 3, 0, 5).augmentation("fake");
        DiffAugment.Draws tail = draws(7, 3, 2, 3).augmentation("fake");
        assertArrayEquals(whole.gates(), tail.gates());
        for (int row = 0; row < DiffAugment.VALUES; row++) {
            assertArrayEquals(Arrays.copyOfRange(whole.values()[row], 2, 5), tail.values()[row]);
        }
        assertNotEquals(whole.gates()[0], draws(7, 3, 0, 5).augmentation("real").gates()[0]);
        assertNotEquals(whole.values()[0][0], whole.values()[0][1]);
    }

    @Test
    void seedStepPurposeAndPlaceAllCount() {
        float first = draws(7, 3, 0, 1).uniform("time")[0];
        assertEquals(first, draws(7, 3, 0, 1).uniform("time")[0]);
        assertNotEquals(first, draws(8, 3, 0, 1).uniform("time")[0]);
        assertNotEquals(first, draws(7, 4, 0, 1).uniform("time")[0]);
        assertNotEquals(first, draws(7, 3, 1, 1).uniform("time")[0]);
        assertNotEquals(first, draws(7, 3, 0, 1).uniform("label")[0]);
    }
}
