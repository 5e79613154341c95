// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core;

import ai.djl.ndarray.types.DataType;
import ai.dsr.core.checkpoint.TorchCheckpoint;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Runs the golden cases of {@code checkpoint.pt}: files of PyTorch, good and bad. */
final class CheckpointCases {
    private static final Set<String> FORMATS = Set.of("zip", "legacy", "unknown");

    private CheckpointCases() {}

    static void read(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("torch_load_weights_only"); // what PyTorch does
        String format = keys.require("format").asText();
        if (!FORMATS.contains(format)) {
            out.fail("format: expected one of " + FORMATS + ", got " + format);
        }
        Path file = fixture.folder().resolve(keys.require("file").asText());
        if (TorchCheckpoint.isTorch(file) && format.equals("unknown")) {
            out.fail("format: expected an unknown one, got that of a checkpoint");
        }
        if (keys.require("refuse").asBoolean()) {
            refuse(file, keys, out);
            return;
        }
        TorchCheckpoint checkpoint = TorchCheckpoint.read(file);
        String expected = Json.canonical(keys.require("content"));
        String got = Json.canonical(describe(checkpoint.root()));
        if (!expected.equals(got)) {
            out.fail("content: expected " + expected + ", got " + got);
        }
        StateDict tensors = checkpoint.tensors();
        tensors.toMap().forEach((name, tensor) -> out.check(name, tensor.toArray(fixture.manager())));
    }

    private static void refuse(Path file, ConfigKeys keys, Checker out) {
        Path marker = keys.isGiven("marker_file")
                ? Path.of(keys.require("marker_file").asText())
                : null;
        try {
            TorchCheckpoint.read(file);
            out.fail("refuse: expected an error, got a checkpoint");
        } catch (IllegalArgumentException e) {
            if (!e.getMessage().startsWith(file + ": ")) {
                out.fail("message: expected one that starts with the file, got " + e.getMessage());
            }
        }
        if (marker != null && Files.exists(marker)) {
            out.fail(marker + ": expected nothing to be run, got the file");
        }
    }

    /** The structure with each tensor as shape and type. */
    private static Object describe(Object node) {
        if (node instanceof TensorData tensor) {
            return Map.of("tensor", tensor.shape(), "dtype", typeName(tensor));
        } else if (node instanceof Map<?, ?> map) {
            Map<String, Object> described = new LinkedHashMap<>();
            map.forEach((key, value) -> described.put((String) key, describe(value)));
            return described;
        } else if (node instanceof List<?> list) {
            List<Object> described = new ArrayList<>();
            list.forEach(item -> described.add(describe(item)));
            return described;
        }
        return node;
    }

    private static String typeName(TensorData tensor) {
        return tensor.type() == DataType.BOOLEAN ? "bool" : tensor.type().name().toLowerCase(Locale.ROOT);
    }
}
