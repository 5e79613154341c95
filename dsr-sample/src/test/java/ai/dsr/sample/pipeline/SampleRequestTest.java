// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SampleRequestTest {
    @Test
    void labelsAreThoseOfTheClassesAskedFor() {
        assertArrayEquals(new int[] {3, 3}, SampleRequest.of(3, 2, 0).labels());
        assertArrayEquals(
                new int[] {0, 0, 1, 1, 2, 2},
                SampleRequest.ofAllClasses(3, 2, 0).labels());
    }

    @Test
    void aRequestCannotBeChangedFromOutside() {
        int[] labels = {1, 2};
        SampleRequest request = new SampleRequest(labels, 0);
        labels[0] = 9;
        request.labels()[1] = 9;
        assertArrayEquals(new int[] {1, 2}, request.labels());
    }

    @Test
    void noImagesAreRefused() {
        for (int count : new int[] {0, -3}) {
            IllegalArgumentException error =
                    assertThrows(IllegalArgumentException.class, () -> SampleRequest.of(0, count, 0));
            assertEquals("count: expected 1 or more images, got 0", error.getMessage());
        }
    }
}
