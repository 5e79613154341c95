// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.testkit.TorchFile;
import ai.dsr.testkit.TorchFile.Floats;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A state dict of a text-conditional model of the Python code becomes a bundle that draws prompts. */
class ConvertTextTest {
    @TempDir
    private Path root;

    private Path config;
    private Path out;
    private Experiment experiment;
    private Map<String, Object> denoiser;
    private Map<String, Object> head;

    @BeforeEach
    void write() {
        TinyFiles.write(root);
        TinyFiles.writeLanguageModel(root, 1);
        config = TinyFiles.writeText(root, "mq", "conditioner: {path: qwen, num_queries: 2, max_length: 8}");
        out = root.resolve("converted");
        experiment = Experiment.load(config, List.of());
        denoiser = random(experiment.textDenoiser().shapes(), 1);
        head = random(
                Map.of(
                        "latent_queries", new Shape(2, 16),
                        "diff_head_projector.weight", new Shape(8, 16),
                        "diff_head_projector.bias", new Shape(8)),
                2);
    }

    private static Map<String, Object> random(Map<String, Shape> shapes, long seed) {
        Map<String, Object> values = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            float[] numbers = SeedTree.of(seed).child(name).stream().normals(Math.toIntExact(shape.size()));
            values.put(name, new Floats(numbers, shape.getShape()));
        });
        return values;
    }

    private Path file(String name, List<Map<String, Object>> parts) {
        Map<String, Object> all = new LinkedHashMap<>();
        parts.forEach(all::putAll);
        return TorchFile.write(root.resolve(name), all);
    }

    private static String dsr(int code, Object... args) {
        StringWriter text = new StringWriter();
        PrintWriter writer = new PrintWriter(text, true);
        String[] texts = Stream.of(args).map(Object::toString).toArray(String[]::new);
        assertEquals(code, Dsr.execute(writer, writer, texts), text::toString);
        return text.toString();
    }

    private String convert(int code, Path checkpoint, String... values) {
        Path decoder =
                file("decoder.pt", List.of(random(Stages.decoder(experiment).shapes(), 3)));
        Stream<Object> sets = Stream.of(values).flatMap(value -> Stream.of("--set", value));
        return dsr(
                code,
                Stream.concat(Stream.of("convert", checkpoint, out, "--config", config, "--decoder", decoder), sets)
                        .toArray());
    }

    @Test
    void denoiserAndQueriesBecomeABundle() {
        Map<String, Object> language = Map.of("model.norm.weight", new Floats(new float[] {1}, 1));
        convert(0, file("model.pt", List.of(denoiser, head, language)));
        StateDict written = SafeTensors.read(out.resolve("denoiser.safetensors"));
        assertEquals(denoiser.keySet(), written.under("denoiser.").names());
        assertEquals(head.keySet(), written.under("conditioner.").names());
        assertArrayEquals(
                ((Floats) head.get("latent_queries")).values(),
                written.get("conditioner.latent_queries").toFloats());
        dsr(0, "sample", out, "--prompt", "apples", "--count", 1, "--out", root.resolve("pictures"));
    }

    @Test
    void queriesMayBeInAFileOfTheirOwn() {
        Path bare = file("bare.pt", List.of(denoiser));
        String none = convert(2, bare);
        assertTrue(
                none.contains("expected latent_queries and diff_head_projector beside the denoiser, got neither"),
                none);
        assertFalse(Files.exists(out));
        convert(0, bare, "text.conditioner.head_path=\"" + file("head.pt", List.of(head)) + "\"");
        assertEquals(
                head.keySet(),
                SafeTensors.read(out.resolve("denoiser.safetensors"))
                        .under("conditioner.")
                        .names());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Path whole = file("model.pt", List.of(denoiser, head));
        String rows = convert(2, whole, "text.conditioner.num_queries=4");
        assertTrue(rows.contains("conditioner.latent_queries: expected (4, 16), got (2, 16)"), rows);
        String connector = convert(2, whole, "text={connector: {rows: 1}}");
        assertTrue(connector.contains("text: expected a conditioner, which the Python code has"), connector);
        String resumed = dsr(2, "convert", whole, out, "--config", config, "--resume");
        assertTrue(
                resumed.contains("--resume: expected a class-conditional configuration, got one with text"), resumed);
        assertFalse(Files.exists(out));
    }

    @Test
    void aDenoiserOfCaptionsAloneIsNoBundle() throws IOException {
        Files.writeString(config, Files.readString(config).replaceAll("(?m)^text:.*$", ""));
        String lines = convert(0, file("bare.pt", List.of(denoiser)));
        assertTrue(lines.contains("no bundle, for want of text: what reads captions"), lines);
    }

    @Test
    void theDenoiserOfTheBundleIsVerified() {
        Path whole = file("model.pt", List.of(denoiser, head));
        Path goldens = root.resolve("goldens.safetensors");
        try (NDManager manager = Torch.newManager()) {
            TextDiT model = experiment.textDenoiser();
            model.load(manager, WeightFile.read(file("bare.pt", List.of(denoiser))));
            Map<String, NDArray> stored = new LinkedHashMap<>();
            stored.put("in/x", EngineArray.of(manager, SeedTree.of(4).stream().normals(64), new Shape(1, 16, 2, 2)));
            stored.put("in/t", EngineArray.of(manager, 0.3f));
            stored.put("in/y", EngineArray.of(manager, SeedTree.of(5).stream().normals(16), new Shape(1, 2, 8)));
            stored.put("out/out", model.forward(stored.get("in/x"), stored.get("in/t"), stored.get("in/y")));
            SafeTensors.writeArrays(goldens, stored, Map.of());
        }
        String lines = dsr(0, "convert", whole, out, "--config", config, "--verify", goldens);
        assertTrue(lines.contains("verified: 1 passed, 0 failed, 0 not compared"), lines);
    }
}
