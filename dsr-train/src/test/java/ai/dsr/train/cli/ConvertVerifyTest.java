// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.TorchFile;
import ai.dsr.testkit.TorchFile.Floats;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code convert --verify} on stored cases of the reference, their parameters packed as its checkpoints. */
class ConvertVerifyTest {
    private static final Path FIXTURES = Path.of(System.getProperty("dsr.root", ".."), "fixtures");
    private static final Map<String, String> TARGETS = Map.of(
            "LightningDiT", "stage2.models.lightningDiT.LightningDiT",
            "DiTwDDTHead", "stage2.models.DDT.DiTwDDTHead",
            "denoiser", "stage2.models.textDiT.TextDiT");

    @TempDir
    private Path folder;

    private Path yaml;
    private Path out;
    private String printed;

    @BeforeEach
    void nameTheFiles() {
        yaml = folder.resolve("x.yaml");
        out = folder.resolve("out");
    }

    private int dsr(Object... args) {
        StringWriter text = new StringWriter();
        PrintWriter writer = new PrintWriter(text, true);
        int code = Dsr.execute(
                writer, writer, Stream.of(args).map(Object::toString).toArray(String[]::new));
        printed = text.toString();
        return code;
    }

    private void refuse(String message, Object... args) {
        assertEquals(2, dsr(args), () -> printed);
        assertTrue(printed.contains(message), printed);
    }

    /** Verifies, and expects every stored result to be there and close. */
    private void verify(Path goldens, Object... args) {
        Object[] all =
                Stream.concat(Stream.of(args), Stream.of("--verify", goldens)).toArray();
        assertEquals(0, dsr(all), () -> printed);
        StateDict stored = SafeTensors.read(goldens.resolve("tensors.safetensors"));
        int count = stored.under("out/").size() + stored.under("grad/").size();
        assertTrue(printed.contains("verified: " + count + " passed, 0 failed, 0 not compared"), printed);
    }

    private static Stream<Path> cases(String... kinds) throws IOException {
        Stream<Path> all = Stream.empty();
        for (String kind : kinds) {
            try (Stream<Path> found = Files.list(FIXTURES.resolve(kind))) {
                all = Stream.concat(all, found.sorted().toList().stream());
            }
        }
        return all;
    }

    private static Stream<Path> denoisers() throws IOException {
        return cases("dit.lightning", "dit.ddt", "dit.t2i", "dit.guidance")
                .filter(path -> !config(path).path("component").asText().equals("conditioner"));
    }

    private static Stream<Path> decoders() throws IOException {
        return cases("rae.decoder", "rae.decode")
                .filter(path -> !path.endsWith("forward_grad")); // of an encoder that only tests have
    }

    private static Stream<Path> encoders() throws IOException {
        return cases("encoder.dinov2", "encoder.dinov2_registers", "encoder.dinov3", "encoder.siglip2", "encoder.mae")
                .filter(path -> !config(path).has("weights"));
    }

    private static ObjectNode config(Path fixture) {
        return Json.read(fixture.resolve("case.json")).get("config").deepCopy();
    }

    private static Map<String, Floats> parameters(Path fixture) {
        Map<String, Floats> weights = new LinkedHashMap<>();
        SafeTensors.read(fixture.resolve("tensors.safetensors"))
                .under("param/")
                .toMap()
                .forEach((key, value) -> weights.put(key, new Floats(value.toFloats(), value.shape())));
        return weights;
    }

    private static String stage2(ObjectNode params, String more) {
        String target =
                params.has("component") ? "denoiser" : params.get("model").asText();
        params.remove(List.of("model", "component", "frozen_at_construction", "calls"));
        return "{target: " + TARGETS.get(target) + ", params: " + params + more + "}";
    }

    private Path denoiser(Path fixture) {
        ObjectNode config = config(fixture);
        Map<String, Floats> weights = parameters(fixture);
        StringBuilder text = new StringBuilder();
        if (config.has("guide")) {
            Map<String, Floats> guide = new LinkedHashMap<>();
            weights.forEach((name, values) -> {
                if (name.startsWith("guide/")) {
                    guide.put(name.substring("guide/".length()), values);
                }
            });
            weights.keySet().removeIf(name -> name.startsWith("guide/"));
            Path file = TorchFile.write(folder.resolve("guide.pt"), guide);
            text.append("guidance: {method: autoguidance, scale: 2, guidance_model: ")
                    .append(stage2((ObjectNode) config.get("guide"), ", ckpt: \"" + file + "\""))
                    .append("}\n");
        }
        ObjectNode params = config.has("guide") ? (ObjectNode) config.get("model") : config;
        JsonNode size = params.get("input_size");
        String classes = params.has("num_classes") ? ", num_classes: " + params.get("num_classes") : "";
        text.append("misc: {latent_size: [" + params.get("in_channels") + ", " + size + ", " + size + "]" + classes
                        + ", time_dist_shift_base: 1}\nstage_2: ")
                .append(stage2(params, ""));
        AtomicFiles.writeString(yaml, text + "\n");
        return TorchFile.write(folder.resolve("ep-0000003.pt"), Map.of("ema", weights));
    }

    @ParameterizedTest
    @MethodSource("denoisers")
    void everyCaseOfADenoiserIsVerified(Path fixture) {
        verify(fixture, "convert", denoiser(fixture), out, "--config", yaml);
    }

    private Path decoder(Path fixture) {
        ObjectNode config = config(fixture);
        Map<String, Floats> weights = parameters(fixture);
        boolean isWhole = config.has("decoder");
        ObjectNode sizes = isWhole ? (ObjectNode) config.get("decoder") : config;
        int patch = (isWhole ? config.get("decoder_patch_size") : config.get("patch_size")).asInt();
        int grid = isWhole
                ? config.get("encoder_input_size").asInt()
                        / config.get("encoder").get("patch_size").asInt()
                : (int) Math.sqrt(config.get("num_patches").asInt());
        int width = isWhole
                ? config.get("encoder").get("hidden_size").asInt()
                : config.get("hidden_size").asInt();
        AtomicFiles.writeString(folder.resolve("decoder/config.json"), sizes.toString());
        AtomicFiles.writeString(
                yaml,
                "stage_1: {target: stage1.RAE, params: {encoder_cls: Dinov2withNorm, encoder_config_path: none,"
                        + " encoder_input_size: 224, decoder_patch_size: " + patch + ", decoder_config_path: \""
                        + folder.resolve("decoder") + "\"}}\nmisc: {latent_size: [" + width + ", " + grid + ", " + grid
                        + "], num_classes: 2, time_dist_shift_base: 1}\n");
        return TorchFile.write(folder.resolve("model.pt"), weights);
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void everyCaseOfADecoderIsVerified(Path fixture) {
        verify(fixture, "convert", decoder(fixture), out, "--config", yaml);
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void everyCaseOfAnEncoderIsVerified(Path fixture) {
        AtomicFiles.writeString(
                folder.resolve("in/config.json"),
                config(fixture).get("hf_config").toString());
        Path weights = TorchFile.write(folder.resolve("in/pytorch_model.bin"), parameters(fixture));
        verify(fixture, "convert", weights, out);
        assertTrue(Files.exists(out.resolve("config.json")));
    }

    @Test
    void realWeightsAreVerified() {
        Path model = FIXTURES.resolveSibling("models/dinov2-small/model.safetensors");
        verify(FIXTURES.resolve("encoder.dinov2/real_small"), "convert", model, out);
    }

    @Test
    void withoutInputsTheTensorsThemselvesAreCompared() {
        Path cases = FIXTURES.resolve("checkpoint.pt");
        verify(cases.resolve("stats"), "convert", cases.resolve("stats/normalization_stats.pt"), out);
        verify(cases.resolve("decoder_state_dict"), "convert", cases.resolve("decoder_state_dict/model.pt"), out);
        Path training = cases.resolve("stage2_training");
        for (String choice : List.of("ema", "model")) {
            Object[] args = {
                "convert", training.resolve("ep-0000003.pt"), out, "--weights", choice, "--verify", training
            };
            assertEquals(0, dsr(args), () -> printed);
            assertTrue(printed.contains("0 failed, 4 not compared"), printed); // rotary tables follow from the sizes
        }
        assertTrue(printed.lines().anyMatch(line -> line.matches("pos_embed +0\\.00 +0\\.00 +pass")), printed);
    }

    @Test
    void whatIsOffFailsByName() {
        Path fixture = FIXTURES.resolve("dit.ddt/reg4_block0");
        Map<String, TensorData> tensors = new LinkedHashMap<>(
                SafeTensors.read(fixture.resolve("tensors.safetensors")).toMap());
        tensors.computeIfPresent("out/block.2", (name, golden) -> {
            float[] values = golden.toFloats();
            values[3] += 1;
            return TensorData.of(values, golden.shape());
        });
        tensors.computeIfPresent("out/block.1", (name, golden) -> TensorData.of(golden.toFloats(), golden.size()));
        tensors.put("out/stranger", TensorData.of(new float[1], 1));
        Path goldens = folder.resolve("goldens.safetensors");
        SafeTensors.write(goldens, tensors, Map.of());
        assertEquals(1, dsr("convert", denoiser(fixture), out, "--config", yaml, "--verify", goldens), () -> printed);
        assertTrue(printed.lines().anyMatch(line -> line.matches("block\\.2 +1\\.00 .*FAIL")), printed);
        assertTrue(printed.lines().anyMatch(line -> line.matches("block\\.1 +shape .*FAIL")), printed);
        assertTrue(printed.lines().anyMatch(line -> line.matches("stranger +- .*not computed by this model")), printed);
        assertTrue(printed.contains("4 passed, 2 failed, 1 not compared"), printed);
    }

    @Test
    void roundedWeightsAreJudgedByTheirType() {
        Path fixture = FIXTURES.resolve("dit.lightning/reg4_block0");
        Path file = denoiser(fixture);
        verify(fixture, "convert", file, out, "--config", yaml, "--dtype", "float16");
        assertEquals(
                1,
                dsr(
                        "convert",
                        file,
                        out,
                        "--config",
                        yaml,
                        "--verify",
                        fixture,
                        "--dtype",
                        "bfloat16",
                        "--tolerance",
                        "1e-7"));
    }

    @Test
    void goldensThatDoNotFitAreRefused() {
        Path given = FIXTURES.resolve("dit.ddt/given_s");
        Path plain = denoiser(FIXTURES.resolve("dit.lightning/plain"));
        refuse(
                "--config: expected the configuration for --verify, got none",
                "convert",
                plain,
                out,
                "--verify",
                FIXTURES.resolve("dit.lightning/plain"));
        assertFalse(Files.exists(out));
        refuse(
                "s: expected condition rows for a DiT-DH only, got them for a LightningDiT",
                "convert",
                plain,
                out,
                "--config",
                yaml,
                "--verify",
                given);
        refuse(
                "got also cotangent, hidden_states, which a denoiser does not take",
                "convert",
                plain,
                out,
                "--config",
                yaml,
                "--verify",
                FIXTURES.resolve("rae.decoder/grad"));
        Path whole = FIXTURES.resolve("rae.decode/forward_grad");
        refuse(
                "encoder_config_path: expected a folder",
                "convert",
                decoder(whole),
                out,
                "--config",
                yaml,
                "--verify",
                whole);
        Path other = TorchFile.write(
                folder.resolve("other.pt"), Map.of("fc.weight", new Floats(new float[] {1}, new Shape(1).getShape())));
        refuse(
                "--verify: expected a denoiser, a decoder, statistics or an encoder with its config.json",
                "convert",
                other,
                out,
                "--verify",
                FIXTURES.resolve("encoder.mae/native"));
        Path nothing = folder.resolve("nothing.safetensors");
        SafeTensors.write(nothing, Map.of("in/x", TensorData.of(new float[1], 1)), Map.of());
        refuse(
                "nothing.safetensors: expected stored results out/NAME, got in/x",
                "convert",
                plain,
                out,
                "--config",
                yaml,
                "--verify",
                nothing);
    }
}
