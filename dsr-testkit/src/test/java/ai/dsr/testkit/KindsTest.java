// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KindsTest {
    @Test
    void aKindBelongsToOneModuleOrIsPending() {
        Kinds kinds = new Kinds().in("m", "b", "a").in("n", "c").pending("p");
        assertEquals(Set.of("a", "b"), kinds.of("m"));
        assertTrue(kinds.isKnown("p") && kinds.isPending("p"));
        assertTrue(kinds.isKnown("c") && !kinds.isPending("c"));
        assertFalse(kinds.isKnown("q"));
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> kinds.pending("c"));
        assertEquals("c: expected to be listed once, got a second entry", error.getMessage());
    }

    @Test
    void rulesGiveTheReasonOfTheCasesTheyMatch() {
        ObjectNode config = JsonNodeFactory.instance.objectNode().put("x", 1);
        Kinds kinds = new Kinds().in("m", "a").pendingCases("a", "later", (name, c) -> c.has("x"));
        assertEquals(Optional.of("later"), kinds.pendingReason("a", "n", config));
        assertEquals(Optional.empty(), kinds.pendingReason("b", "n", config));
        assertEquals(Optional.empty(), kinds.pendingReason("a", "n", JsonNodeFactory.instance.objectNode()));
    }

    @Test
    void everyKindOfTheProjectsCasesIsListed() {
        Path fixtures = Path.of(System.getProperty("dsr.root", "..")).resolve("fixtures");
        List<String> unlisted = CaseFile.find(fixtures).stream()
                .map(CaseFile::kind)
                .distinct()
                .filter(kind -> !Kinds.project().isKnown(kind))
                .toList();
        assertEquals(List.of(), unlisted);
    }
}
