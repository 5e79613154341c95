// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.random.SeedTree;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.testkit.TorchFile;
import ai.dsr.testkit.TorchFile.Floats;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code convert} on checkpoints as the Python code writes them. */
class ConvertCommandTest {
    private static final int STEP = 17;

    @TempDir
    private static Path root;

    @TempDir
    private Path folder;

    private static Experiment experiment;

    private Path checkpoint;
    private Path out;
    private String printed;

    @BeforeAll
    static void writeAProject() {
        TinyFiles.write(root);
        experiment = Experiment.load(root.resolve("dit.yaml"), List.of());
    }

    @BeforeEach
    void nameTheFiles() {
        checkpoint = folder.resolve("ep-0000003.pt");
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

    private void succeed(Object... args) {
        assertEquals(0, dsr(args), () -> printed);
    }

    private String fail(Object... args) {
        assertEquals(2, dsr(args), () -> printed);
        return printed.lines()
                .filter(line -> line.startsWith("error: "))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Floats> random(String prefix, Map<String, Shape> shapes, long seed) {
        Map<String, Floats> weights = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            float[] values = SeedTree.of(seed).child(name).stream().normals(Math.toIntExact(shape.size()));
            for (int i = 0; i < values.length; i++) {
                values[i] = (name.contains("norm") ? 1 : 0) + 0.1f * values[i];
            }
            weights.put(prefix + name, new Floats(values, shape.getShape()));
        });
        return weights;
    }

    /** What the training writes: wrapped names and rotary tables included. */
    private static Map<String, Object> training() {
        Map<String, Shape> shapes = new LinkedHashMap<>(experiment.denoiser().shapes());
        shapes.put("feat_rope.freqs_cos", new Shape(4, 4));
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("step", STEP);
        content.put("epoch", 3);
        content.put("model", random("module.", shapes, 1));
        content.put("ema", random("", shapes, 2));
        content.put("optimizer", Map.of());
        content.put("scheduler", null);
        return content;
    }

    private Path decoder(Map<String, Floats> extra) {
        Map<String, Floats> weights = random("", Stages.decoder(experiment).shapes(), 3);
        weights.putAll(extra);
        return TorchFile.write(folder.resolve("model.pt"), weights);
    }

    private Path statistics(long... shape) {
        float[] ones = new float[Math.toIntExact(new Shape(shape).size())];
        Arrays.fill(ones, 1);
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("mean", null);
        content.put("var", new Floats(ones, shape));
        return TorchFile.write(folder.resolve("stat.pt"), content);
    }

    @Test
    void aTrainingCheckpointBecomesABundleThatSampleOpens() {
        Map<String, Object> content = training();
        TorchFile.write(checkpoint, content);
        Path decoder = decoder(Map.of("mask_token", new Floats(new float[] {1}, 1)));
        succeed(
                "convert",
                checkpoint,
                out,
                "--config",
                root.resolve("dit.yaml"),
                "--decoder",
                decoder,
                "--statistics",
                statistics(16, 2, 2));
        assertTrue(printed.startsWith("found:   denoiser with "), printed);
        assertTrue(printed.contains("weights ema, step 17, epoch 3"), printed);
        Path file = out.resolve("denoiser.safetensors");
        assertEquals(
                Map.of(
                        "source",
                        "ep-0000003.pt",
                        "source_sha256",
                        Sha256.ofFile(checkpoint),
                        "weights",
                        "ema",
                        "step",
                        "17",
                        "epoch",
                        "3"),
                SafeTensors.metadata(file));
        StateDict written = SafeTensors.read(file);
        assertEquals(experiment.denoiser().shapes().keySet(), written.names());
        Floats ema = (Floats) ((Map<?, ?>) content.get("ema")).get("pos_embed");
        assertArrayEquals(ema.values(), written.get("pos_embed").toFloats());
        assertFalse(SafeTensors.read(out.resolve("decoder.safetensors")).has("mask_token"));
        succeed("sample", out, "--count", 2, "--out", folder.resolve("pictures"));
    }

    @Test
    void withoutAConfigurationTheWeightsAloneAreWritten() {
        TorchFile.write(checkpoint, training());
        succeed("convert", checkpoint, out, "--weights", "model", "--dtype", "bfloat16");
        assertTrue(printed.contains("no bundle, for want of --config"), printed);
        StateDict written = SafeTensors.read(out.resolve("denoiser.safetensors"));
        assertEquals(DataType.BFLOAT16, written.get("pos_embed").type());
        assertFalse(written.has("feat_rope.freqs_cos"));
        succeed("convert", folder, out); // a folder of checkpoints
        assertTrue(printed.contains("weights ema"), printed);
        succeed("convert", statistics(16, 2, 2), out);
        assertEquals(
                List.of("var"),
                List.copyOf(
                        SafeTensors.read(out.resolve("statistics.safetensors")).names()));
        Map<String, Shape> encoder = Map.of("blocks.0.attn.qkv.weight", new Shape(3, 1));
        succeed("convert", TorchFile.write(folder.resolve("dino.pth"), random("", encoder, 1)), out);
        assertTrue(Files.exists(out.resolve("model.safetensors")));
    }

    @Test
    void whatDoesNotFitIsListedAndNothingWritten() {
        Map<String, Object> content = training();
        Map<String, Floats> ema = random("", experiment.denoiser().shapes(), 2);
        ema.remove("pos_embed");
        ema.put("stranger", new Floats(new float[] {1}, 1));
        ema.put("register_tokens", new Floats(new float[] {1}, 1));
        content.put("ema", ema);
        TorchFile.write(checkpoint, content);
        String message = fail("convert", checkpoint, out, "--config", root.resolve("dit.yaml"));
        assertTrue(
                message.startsWith("error: ep-0000003.pt: 1 name missing (pos_embed), 1 unexpected (stranger), "
                        + "1 misshapen (register_tokens: expected (1, 4, 16), got (1)); check stage_2 of "),
                message);
        content.remove("ema");
        TorchFile.write(checkpoint, content);
        assertTrue(fail("convert", checkpoint, out)
                .contains("expected ema weights, got a checkpoint with step, epoch, model"));
        assertTrue(fail("convert", statistics(3, 2, 2), out, "--config", root.resolve("dit.yaml"))
                .contains("var: expected the shape of misc.latent_size [16, 2, 2], got (3, 2, 2)"));
        assertTrue(fail("convert", folder.resolve("none.pt"), out).contains("none.pt: expected a file with weights"));
        assertTrue(fail("convert", checkpoint, out, "--resume")
                .contains("--config: expected the configuration for --resume"));
        assertFalse(Files.exists(out));
    }

    /** A training of ours in the form of the Python code's, and back: every tensor, and what comes of going on. */
    @Test
    void aTrainingOfThePythonCodeGoesOnHere() throws IOException {
        Path decoder = decoder(Map.of());
        Object[] common = {
            "train",
            root.resolve("dit.yaml"),
            "--set",
            "stage_1.params.pretrained_decoder_path=\"" + decoder + "\"",
            "--set"
        };
        Path ours = folder.resolve("ours");
        succeed(Stream.concat(Stream.of(common), Stream.of("run.dir=" + ours)).toArray());
        Path step = ours.resolve("checkpoints/step-3");
        TorchFile.write(checkpoint, asPython(step));
        succeed("convert", checkpoint, out, "--config", root.resolve("dit.yaml"), "--resume");
        for (String file : List.of("model", "ema", "optimizer")) {
            Map<String, TensorData> expected =
                    SafeTensors.read(step.resolve(file + ".safetensors")).toMap();
            Map<String, TensorData> got = SafeTensors.read(out.resolve("checkpoints/step-3/" + file + ".safetensors"))
                    .toMap();
            assertEquals(List.copyOf(expected.keySet()), List.copyOf(got.keySet()));
            expected.forEach(
                    (name, tensor) -> assertEquals(tensor.bytes(), got.get(name).bytes(), name));
        }
        for (Path run : List.of(ours, out)) {
            succeed(Stream.concat(
                            Stream.of(common), Stream.of("run.dir=" + run, "--set", "training.steps=5", "--resume"))
                    .toArray());
        }
        assertEquals(
                Sha256.ofFile(ours.resolve("checkpoints/step-5/model.safetensors")),
                Sha256.ofFile(out.resolve("checkpoints/step-5/model.safetensors")));
    }

    private static Map<String, Object> asPython(Path step) {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("step", 3);
        content.put("epoch", 1);
        StateDict model = SafeTensors.read(step.resolve("model.safetensors"));
        content.put("model", floats(model));
        content.put("ema", floats(SafeTensors.read(step.resolve("ema.safetensors"))));
        Map<String, Floats> moments = floats(SafeTensors.read(step.resolve("optimizer.safetensors")));
        Map<Integer, Object> state = new LinkedHashMap<>();
        List<Integer> order = new ArrayList<>();
        for (String name : model.names()) {
            order.add(order.size());
            state.put(
                    state.size(),
                    Map.of(
                            "step",
                            new Floats(new float[] {3}),
                            "exp_avg",
                            moments.get("exp_avg/" + name),
                            "exp_avg_sq",
                            moments.get("exp_avg_sq/" + name)));
        }
        content.put("optimizer", Map.of("state", state, "param_groups", List.of(Map.of("lr", 1e-3, "params", order))));
        content.put("scheduler", null);
        return content;
    }

    private static Map<String, Floats> floats(StateDict tensors) {
        Map<String, Floats> floats = new LinkedHashMap<>();
        tensors.toMap().forEach((name, tensor) -> floats.put(name, new Floats(tensor.toFloats(), tensor.shape())));
        return floats;
    }
}
