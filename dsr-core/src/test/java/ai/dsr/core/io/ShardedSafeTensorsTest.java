// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardedSafeTensorsTest {
    private static final String ONE = "model-00001-of-00002.safetensors";
    private static final String TWO = "model-00002-of-00002.safetensors";

    @TempDir
    Path folder;

    @BeforeEach
    void writeShards() {
        SafeTensors.write(folder.resolve(ONE), Map.of("a", tensor(1)), Map.of());
        SafeTensors.write(folder.resolve(TWO), Map.of("b", tensor(2)), Map.of());
    }

    private static TensorData tensor(float value) {
        return TensorData.of(new float[] {value}, 1);
    }

    private void index(String weightMap) {
        AtomicFiles.writeString(
                folder.resolve("model.safetensors.index.json"),
                "{\"metadata\": {\"total_size\": 8}, \"weight_map\": {" + weightMap.replace('\'', '"') + "}}");
    }

    private void assertRefused(String... parts) {
        String message = assertThrows(IllegalArgumentException.class, () -> SafeTensors.readFolder(folder))
                .getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), message);
        }
    }

    @Test
    void shardsAreJoinedInTheIndexsOrder() {
        index("'b': '" + TWO + "', 'a': '" + ONE + "'");
        StateDict dict = SafeTensors.readFolder(folder);
        assertEquals(List.of("b", "a"), List.copyOf(dict.names()));
        assertEquals(2f, dict.get("b").toFloats()[0]);
        assertEquals("model.safetensors.index.json", dict.source());
    }

    @Test
    void aMissingShardIsRefused() {
        index("'a': '" + ONE + "', 'b': 'model-3.safetensors'");
        assertRefused("index.json: expected the shard model-3.safetensors beside it, got no such file");
    }

    @Test
    void aNameThatTheShardLacksIsRefused() {
        index("'a': '" + ONE + "', 'b': '" + TWO + "', 'c': '" + TWO + "'");
        assertRefused("index.json: expected tensors that the shards lack: c in " + TWO);
    }

    @Test
    void aNameThatTheIndexLacksIsRefused() {
        SafeTensors.write(folder.resolve(TWO), Map.of("b", tensor(2), "x", tensor(3)), Map.of());
        index("'a': '" + ONE + "', 'b': '" + TWO + "'");
        assertRefused(TWO + ": expected only the names that model.safetensors.index.json gives it, got x");
    }

    @Test
    void aNameInTwoShardsIsRefused() {
        SafeTensors.write(folder.resolve(TWO), Map.of("b", tensor(2), "a", tensor(3)), Map.of());
        index("'a': '" + ONE + "', 'b': '" + TWO + "'");
        assertRefused(TWO + ": expected only the names", "got a, which is in " + ONE);
        index("'a': '" + ONE + "', 'a': '" + TWO + "'");
        assertRefused("index.json:1: expected JSON: Duplicate field 'a'");
    }

    @Test
    void anIndexThatReachesOutsideIsRefused() {
        index("'a': '../" + ONE + "'");
        assertRefused("weight_map.a: expected a file name, got \"../" + ONE + "\"");
        index("'a': 3");
        assertRefused("weight_map.a: expected a file name, got 3");
        index("");
        assertRefused("weight_map: expected an object of names, got {}");
    }

    @Test
    void aFolderWithoutWeightsIsRefused() {
        Path empty = folder.resolve("empty");
        assertEquals(
                empty + ": expected model.safetensors or model.safetensors.index.json, got neither",
                assertThrows(IllegalArgumentException.class, () -> SafeTensors.readFolder(empty))
                        .getMessage());
    }
}
