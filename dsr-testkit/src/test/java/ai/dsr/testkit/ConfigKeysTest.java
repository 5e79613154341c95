// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigKeysTest {
    @Test
    void keysAreUnreadUntilSomebodyAsks() throws JsonProcessingException {
        ConfigKeys keys = keys("{'depth': 3, 'eps': null, 'about': 'text'}");
        assertEquals(List.of("config.depth", "config.eps", "config.about"), keys.unread());
        assertEquals(3, keys.require("depth").asInt());
        assertEquals(0.5, keys.optional("eps").asDouble(0.5));
        assertEquals(7, keys.optional("absent").asInt(7));
        keys.ignore("about", "never_there");
        assertEquals(List.of(), keys.unread());
    }

    @Test
    void nullAndAbsentKeysAreNotGiven() throws JsonProcessingException {
        ConfigKeys keys = keys("{'a': null, 'b': 0}");
        assertFalse(keys.isGiven("a"));
        assertFalse(keys.isGiven("c"));
        assertTrue(keys.isGiven("b"));
    }

    @Test
    void sectionsAreWatchedKeyByKey() throws JsonProcessingException {
        ConfigKeys keys = keys("{'model': {'depth': 3, 'width': 4}}");
        keys.object("model").require("depth");
        assertEquals(List.of("config.model.width"), keys.unread());
        assertEquals(List.of(), keys.object("absent").unread());
    }

    @Test
    void aStrictParserMayTakeAllKeys() throws JsonProcessingException {
        ConfigKeys keys = keys("{'a': 1, 'b': 2}");
        assertEquals(2, keys.all().size());
        assertEquals(List.of(), keys.unread());
    }

    @Test
    void aRequiredKeyMustBeThere() throws JsonProcessingException {
        ConfigKeys keys = keys("{'model': 3}");
        IllegalArgumentException absent = assertThrows(IllegalArgumentException.class, () -> keys.require("x"));
        assertEquals("config.x: expected a value, got none", absent.getMessage());
        IllegalArgumentException number = assertThrows(IllegalArgumentException.class, () -> keys.object("model"));
        assertEquals("config.model: expected an object, got 3", number.getMessage());
    }

    private static ConfigKeys keys(String json) throws JsonProcessingException {
        return new ConfigKeys(new ObjectMapper().readTree(json.replace('\'', '"')), "config");
    }
}
