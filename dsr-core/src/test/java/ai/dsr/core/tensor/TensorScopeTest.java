// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.tensor;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class TensorScopeTest {
    @Test
    void keptArraysOutliveTheScopeAndAllOthersAreFreed(NDManager manager) {
        NDArray kept;
        NDArray dropped;
        try (TensorScope scope = TensorScope.under(manager)) {
            dropped = scope.manager().ones(new Shape(3));
            kept = scope.keep(dropped.add(1));
            assertSame(scope.manager(), dropped.getManager());
        }

        assertTrue(dropped.isReleased());
        assertFalse(kept.isReleased());
        assertSame(manager, kept.getManager());
        assertEquals(1, manager.getManagedArrays().size());
        assertEquals(6, kept.sum().getFloat());
    }

    @Test
    void arraysAreFreedWhenTheStepFails(NDManager manager) {
        NDArray[] made = new NDArray[1];
        assertThrows(IllegalStateException.class, () -> {
            try (TensorScope scope = TensorScope.under(manager)) {
                made[0] = scope.manager().ones(new Shape(3));
                throw new IllegalStateException("a step that fails");
            }
        });
        assertTrue(made[0].isReleased());
    }

    @Test
    void shapesAreCheckedByName(NDManager manager) {
        NDArray x = manager.zeros(new Shape(4, 257, 768));
        assertDoesNotThrow(() -> Shapes.require("x", x, Shapes.ANY, 257, 768));
        assertEquals(
                "x: expected (*, 256, 768), got (4, 257, 768)",
                assertThrows(IllegalArgumentException.class, () -> Shapes.require("x", x, Shapes.ANY, 256, 768))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> Shapes.require("x", x, 4, 257));
    }
}
