// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.TestArrays;
import ai.dsr.dit.model.ActivationTap;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Laws of the conditioner, and the files it is read from. */
@ExtendWith(LeakCheck.class)
class ConditionerTest {
    private static final Qwen2Config TINY = new Qwen2Config(16, 2, 4, 2, 20, 24, 10000, 1e-6);

    private static final String HF_CONFIG =
            """
            {"model_type": "qwen2", "hidden_act": "silu", "hidden_size": 16, "num_hidden_layers": 2,
             "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 20, "intermediate_size": 24,
             "rope_theta": 10000.0, "rms_norm_eps": 1e-06, "use_sliding_window": false, "torch_dtype": "float32"}
            """;

    private static Conditioner random(NDManager manager) {
        return random(manager, 6);
    }

    private static Conditioner random(NDManager manager, int width) {
        Qwen2 language = new Qwen2(TINY);
        TestArrays.randomize(language, manager, 4);
        Conditioner model = new Conditioner(language, 3, width);
        TestArrays.randomize(model, manager, 5);
        return model;
    }

    private static NDArray rows(Conditioner model, NDArray ids) {
        return model.forward(ids, null, ActivationTap.NONE);
    }

    @Test
    void aPaddedBatchGivesWhatItsTextsGiveOneByOne(NDManager manager) {
        Conditioner model = random(manager);
        NDArray ids = manager.create(new long[][] {{1, 2, 3, 4}, {0, 0, 5, 6}, {0, 0, 0, 0}});
        NDArray mask = manager.create(new long[][] {{1, 1, 1, 1}, {0, 0, 1, 1}, {0, 0, 0, 0}});
        NDArray padded = model.forward(ids, mask, (name, hidden) -> {
            assertEquals("hidden", name);
            assertEquals(0, hidden.get("1, :2").abs().max().getFloat());
            assertTrue(hidden.get("1, 2:").abs().min().getFloat() > 0);
        });
        NDArray full = manager.create(new long[][] {{1, 2, 3, 4}});
        NDArray two = manager.create(new long[][] {{5, 6}});
        NDArray none = manager.create(new Shape(1, 0), DataType.INT64);
        TensorAssert.assertClose(rows(model, full), padded.get("0:1"), 1e-5, 1e-5);
        TensorAssert.assertClose(rows(model, two), padded.get("1:2"), 1e-5, 1e-5);
        TensorAssert.assertClose(rows(model, none), padded.get("2:3"), 1e-5, 1e-5);
    }

    @Test
    void aQuerySeesTheTextAndTheQueriesBeforeIt(NDManager manager) {
        Conditioner model = random(manager);
        NDArray before = rows(model, manager.create(new long[][] {{1, 2}})).duplicate();
        NDArray queries = model.arrays().get("latent_queries");
        queries.set(new NDIndex("2"), queries.get("2").add(1));
        NDArray after = rows(model, manager.create(new long[][] {{1, 2}}));
        TensorAssert.assertSame(before.get(":, :2"), after.get(":, :2"));
        assertTrue(after.sub(before).get(":, 2").abs().max().getFloat() > 1e-3f);
        NDArray other = rows(model, manager.create(new long[][] {{3, 2}}));
        for (int query = 0; query < 3; query++) {
            NDArray change = other.sub(after).get("0, {}", query).abs();
            assertTrue(change.max().getFloat() > 1e-4f, "every query reads the text");
        }
    }

    /** The loss of a padded batch and what its gradients are with so many segments of the language model. */
    private static NDList gradients(Conditioner model, NDManager manager, int segments) {
        model.language().setCheckpointSegments(segments);
        try (Autograd tape = Autograd.record()) {
            NDList trained = model.requireGradients(weight -> true);
            return tape.gradients(loss(model, manager), trained);
        }
    }

    private static NDArray loss(Conditioner model, NDManager manager) {
        NDArray ids = manager.create(new long[][] {{1, 2}, {0, 3}});
        NDArray mask = manager.create(new long[][] {{1, 1}, {0, 1}});
        return model.rows(new TokenIds(ids, mask)).square().mean();
    }

    @Test
    void gradientsThroughTheFrozenModelAreThoseOfFiniteDifferences(NDManager manager) {
        Conditioner model = random(manager);
        assertEquals(
                List.of("latent_queries", "diff_head_projector.weight", "diff_head_projector.bias"),
                List.copyOf(model.weights().keySet()));
        NDList gradients = gradients(model, manager, 0);
        assertTrue(model.arrays().values().stream().allMatch(NDArray::hasGradient));
        assertTrue(model.language().arrays().values().stream().noneMatch(NDArray::hasGradient), "no memory for them");
        float step = 1e-2f;
        for (String name : new String[] {"latent_queries", "diff_head_projector.weight"}) {
            NDArray gradient =
                    gradients.get(List.copyOf(model.weights().keySet()).indexOf(name));
            NDArray weight = model.arrays().get(name);
            for (int place : new int[] {0, 17, 41}) {
                long row = place / weight.getShape().get(1);
                long column = place % weight.getShape().get(1);
                NDIndex at = new NDIndex("{}, {}", row, column);
                float before = weight.getFloat(row, column);
                weight.set(at, before + step);
                double above = loss(model, manager).getFloat();
                weight.set(at, before - step);
                double below = loss(model, manager).getFloat();
                weight.set(at, before);
                assertEquals((above - below) / (2 * step), gradient.getFloat(row, column), 2e-3, name + " " + place);
            }
            assertTrue(gradient.abs().max().getFloat() > 2e-2f, "or the comparison would say nothing");
        }
    }

    @Test
    void segmentsOfTheLanguageModelChangeNoGradient(NDManager manager) {
        Conditioner model = random(manager);
        NDList plain = gradients(model, manager, 0);
        for (int segments : new int[] {1, 2, 9}) {
            NDList twice = gradients(model, manager, segments);
            for (int i = 0; i < plain.size(); i++) {
                TensorAssert.assertSame(plain.get(i), twice.get(i));
            }
        }
    }

    @Test
    void theLanguageModelTakesThePrecisionOfTheWhole(NDManager manager) {
        Conditioner model = random(manager);
        model.setPrecision(Precision.BF16);
        assertEquals(Precision.BF16, model.language().precision());
    }

    @Test
    void anotherKindOfInputIsRefused(NDManager manager) {
        NDArray ones = manager.ones(new Shape(1, 1, 16));
        TextStates states = new TextStates(ones, ones, ones);
        Conditioner model = random(manager);
        assertEquals(
                "text: expected TokenIds, got TextStates",
                assertThrows(IllegalArgumentException.class, () -> model.rows(states))
                        .getMessage());
    }

    @Test
    void paddingBehindATextIsRefused(NDManager manager) {
        Conditioner model = random(manager);
        NDArray ids = manager.create(new long[][] {{1, 2}});
        NDArray mask = manager.create(new long[][] {{1, 0}});
        assertEquals(
                "mask: expected padding in front of the text, got padding behind a token",
                assertThrows(IllegalArgumentException.class, () -> model.forward(ids, mask, ActivationTap.NONE))
                        .getMessage());
    }

    /** Writes the language model as it is published. */
    private static void write(Path folder, Conditioner model, NDManager manager) {
        AtomicFiles.writeString(folder.resolve("config.json"), HF_CONFIG);
        Map<String, NDArray> language = new LinkedHashMap<>();
        model.language().arrays().forEach((name, array) -> language.put("model." + name, array));
        language.put("lm_head.weight", manager.ones(new Shape(20, 16)));
        SafeTensors.writeArrays(folder.resolve("model.safetensors"), language, Map.of());
    }

    @Test
    void aPublishedFolderAndItsHeadLoad(NDManager manager, @TempDir Path folder) {
        Conditioner model = random(manager);
        write(folder, model, manager);
        Path head = folder.resolve("head.safetensors");
        NDArray ids = manager.create(new long[][] {{7, 8, 9}});
        for (String prefix : List.of("", "conditioner.")) { // as published, and out of a checkpoint of a whole model
            Map<String, NDArray> stored = new LinkedHashMap<>();
            model.arrays().forEach((name, array) -> stored.put(prefix + name, array));
            stored.put(prefix.isEmpty() ? "lm_head.weight" : "denoiser.pos_embed", ids);
            SafeTensors.writeArrays(head, stored, Map.of());
            Conditioner loaded = Conditioner.load(folder, head, manager);
            assertEquals(3, loaded.rows());
            assertEquals(6, loaded.width());
            assertEquals(TINY, loaded.language().config());
            TensorAssert.assertSame(rows(model, ids), rows(loaded, ids));
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Conditioner.load(folder, null, manager))
                .getMessage()
                .contains("latent_queries"));
    }

    @Test
    void withoutAProjectionRowsAreAsWideAsTheLanguageModel(NDManager manager) {
        Conditioner model = random(manager, 0);
        assertEquals(16, model.width());
        assertEquals(
                new Shape(1, 3, 16),
                rows(model, manager.create(new long[][] {{1}})).getShape());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"qwen2\" | \"llama\" | model_type: expected qwen2, got llama",
                "\"silu\" | \"gelu\" | hidden_act: expected silu, got gelu",
                "\"use_sliding_window\": false | \"use_sliding_window\": true"
                        + " | use_sliding_window: expected false, got true",
                "\"torch_dtype\" | \"rope_scaling\": {\"factor\": 2}, \"x\" | rope_scaling: expected none, got one",
                "\"num_key_value_heads\": 2 | \"num_key_value_heads\": 3"
                        + " | num_attention_heads: expected a multiple of num_key_value_heads (3), got 4",
                "\"hidden_size\": 16 | \"hidden_size\": 12"
                        + " | hidden_size: expected a multiple of twice num_attention_heads (8), got 12"
            })
    void otherLanguageModelsAreRefused(String from, String to, String message, @TempDir Path folder) {
        Path file = folder.resolve("config.json");
        AtomicFiles.writeString(file, HF_CONFIG.replace(from, to));
        String got = assertThrows(IllegalArgumentException.class, () -> Qwen2Config.read(file))
                .getMessage();
        assertTrue(got.endsWith(message), got);
    }
}
