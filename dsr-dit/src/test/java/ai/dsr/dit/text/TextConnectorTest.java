// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class TextConnectorTest {
    private static final TextConnectorConfig CONFIG = new TextConnectorConfig(4, 16, 2, 2, 2);
    private static final int TEXT = 6;
    private static final int POOLED = 5;

    private NDManager manager;
    private TextConnector connector;

    @BeforeEach
    void build() {
        manager = Torch.newManager();
        connector = new TextConnector(CONFIG, TEXT, POOLED, 8);
        connector.initialize(manager, SeedTree.of(1));
    }

    @AfterEach
    void close() {
        manager.close();
    }

    /** Captions of the given lengths; what stands beyond a caption's end is {@code padding}. */
    private TextStates captions(NDManager owner, int longest, float padding, int... lengths) {
        float[] states = new float[lengths.length * longest * TEXT];
        float[] mask = new float[lengths.length * longest];
        for (int i = 0; i < lengths.length; i++) {
            float[] values = SeedTree.of(lengths[i]).stream().normals(lengths[i] * TEXT);
            for (int j = 0; j < longest * TEXT; j++) {
                states[i * longest * TEXT + j] = j < values.length ? values[j] : padding;
            }
            for (int j = 0; j < lengths[i]; j++) {
                mask[i * longest + j] = 1;
            }
        }
        float[] pooled = SeedTree.of(9).stream().normals(POOLED);
        NDArray one = owner.create(pooled, new Shape(1, POOLED));
        return new TextStates(
                owner.create(states, new Shape(lengths.length, longest, TEXT)),
                owner.create(mask, new Shape(lengths.length, longest)),
                one.repeat(0, lengths.length));
    }

    @Test
    void paddingChangesNothing() {
        try (NDManager scope = manager.newSubManager()) {
            float[] alone = connector.rows(captions(scope, 3, 0, 3)).toFloatArray();
            NDArray batch = connector.rows(captions(scope, 7, 50, 3, 7));
            assertEquals(new Shape(2, 4, 8), batch.getShape());
            assertArrayEquals(alone, batch.get(0).toFloatArray(), 1e-5f);
        }
    }

    @Test
    void rowsDifferFromEachOtherAndBetweenCaptions() {
        try (NDManager scope = manager.newSubManager()) {
            NDArray rows = connector.rows(captions(scope, 5, 0, 3, 5));
            float[] first = rows.get(new NDIndex("0, 0")).toFloatArray();
            assertNotEquals(first[0], rows.get(new NDIndex("0, 1")).toFloatArray()[0], 1e-3);
            assertNotEquals(first[0], rows.get(new NDIndex("1, 0")).toFloatArray()[0], 1e-3);
        }
    }

    @Test
    void everyWeightGetsAGradient() {
        NDList weights = connector.requireGradients(weight -> true);
        try (NDManager scope = manager.newSubManager();
                Autograd tape = Autograd.record()) {
            NDArray loss = connector.rows(captions(scope, 5, 0, 3, 5)).square().mean();
            NDList gradients = tape.gradients(loss, weights);
            gradients.attach(scope);
            int i = 0;
            for (String name : connector.weights().keySet()) {
                float largest = gradients.get(i++).abs().max().toFloatArray()[0];
                assertTrue(largest > 0 && largest < 100, name + ": " + largest);
            }
        }
    }

    @Test
    void inputOfAnotherEncoderIsRefused() {
        try (NDManager scope = manager.newSubManager()) {
            TextStates good = captions(scope, 3, 0, 3);
            TextStates wide = new TextStates(scope.zeros(new Shape(1, 3, 7)), good.mask(), good.pooled());
            assertEquals(
                    "text states: expected (*, *, 6), got (1, 3, 7)",
                    assertThrows(IllegalArgumentException.class, () -> connector.rows(wide))
                            .getMessage());
            TextStates masked = new TextStates(good.states(), scope.ones(new Shape(1, 2)), good.pooled());
            assertThrows(IllegalArgumentException.class, () -> connector.rows(masked));
        }
    }

    @Test
    void sizesThatCannotWorkAreRefused() {
        assertEquals(
                "hidden_size: expected a multiple of num_heads (4), got 18",
                assertThrows(IllegalArgumentException.class, () -> new TextConnectorConfig(1, 18, 1, 4, 2))
                        .getMessage());
        assertEquals(
                "rows: expected 1 or more, got 0",
                assertThrows(IllegalArgumentException.class, () -> new TextConnectorConfig(0, 16, 1, 4, 2))
                        .getMessage());
    }
}
