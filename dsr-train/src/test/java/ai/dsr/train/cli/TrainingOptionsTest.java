// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.image.PngText;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.train.loop.MetricsLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ablations of the loss and precisions, each by a training run of the command. */
class TrainingOptionsTest {
    @TempDir
    private static Path root;

    @TempDir
    private Path out;

    private static int dsr(StringWriter err, List<String> args) {
        return Dsr.execute(
                new PrintWriter(new StringWriter()), new PrintWriter(err, true), args.toArray(String[]::new));
    }

    private static void succeed(List<String> args) {
        StringWriter err = new StringWriter();
        assertEquals(0, dsr(err, args), err.toString());
        assertEquals("", err.toString());
    }

    @BeforeAll
    static void trainTheDecoder() {
        TinyFiles.write(root);
        succeed(List.of("train-decoder", root.resolve("decoder.yaml").toString(), "--set", "training.precision=bf16"));
    }

    /** Trains with some values replaced; returns the losses. */
    private double[] train(String name, String... overrides) {
        List<String> args =
                new ArrayList<>(List.of("train", root.resolve("dit.yaml").toString()));
        args.addAll(List.of("--set", "run.dir=" + out.resolve(name), "--set", "training.sample_every=0"));
        // Tokens as this encoder gives them are all of one length; normalised they are not.
        args.addAll(List.of("--set", "stage_1.params.post_stat_norm=true"));
        for (String override : overrides) {
            args.addAll(override.startsWith("--") ? List.of(override) : List.of("--set", override));
        }
        succeed(args);
        return new MetricsLog(out.resolve(name))
                .read().stream()
                        .mapToDouble(line -> line.path("loss").asDouble())
                        .toArray();
    }

    @Test
    void ablationsChangeTheLossAndMaskingEverythingMakesItZero() {
        double[] plain = train("plain");
        double[] masked = train("masked", "training.outlier_token_norm=1e-6");
        assertArrayEquals(new double[] {0, 0, 0}, masked);
        double[] all = train("all", "training.outlier_token_norm=1e9");
        assertArrayEquals(plain, all, 1e-5);
        double[] shifted = train("shifted", "training.token_norm_shift=true");
        assertNotEquals(plain[0], shifted[0], 1e-6);
        double[] scheduled =
                train("scheduled", "training.token_norm_shift=true", "training.logit_normal_scheduler=true");
        assertNotEquals(shifted[0], scheduled[0], 1e-6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bf16", "fp16"})
    void lowPrecisionTrainsNearFloat32AndResumesExactly(String precision) {
        String choice = "training.precision=" + precision;
        double[] plain = train("plain");
        double[] low = train("low", choice);
        assertArrayEquals(plain, low, 0.05);
        assertTrue(plain[2] != low[2]);
        train("parts", choice, "training.steps=2");
        train("parts", choice, "--resume");
        Path end = Path.of("checkpoints/step-3");
        SafeTensors.read(out.resolve("low").resolve(end).resolve("model.safetensors"))
                .toMap()
                .forEach((name, value) -> assertEquals(
                        value.bytes(),
                        SafeTensors.read(out.resolve("parts").resolve(end).resolve("model.safetensors"))
                                .get(name)
                                .bytes(),
                        name));
        var scale = Json.read(out.resolve("parts").resolve(end).resolve("state.json"))
                .path("loss_scale");
        assertEquals(precision.equals("fp16") ? 65536 : 1, scale.path("factor").asDouble());
        assertEquals(precision.equals("fp16") ? 3 : 0, scale.path("good_steps").asInt());
    }

    @Test
    void aRunIsSampledWithAnySolverAndPrecisionAndGuidedByAnEarlierOne() throws IOException {
        train("worse", "training.steps=1");
        Path worse = out.resolve("worse/checkpoints/step-1/ema.safetensors");
        String guide = "guidance={method: autoguidance, scale: 1.5, guidance_model: {target: "
                + "stage2.models.lightningDiT.LightningDiT, ckpt: \"" + worse + "\", params: {input_size: 2, "
                + "patch_size: 1, in_channels: 16, hidden_size: 16, depth: 2, num_heads: 2, mlp_ratio: 2.0, "
                + "class_dropout_prob: 0.1, num_classes: 2, use_qknorm: false, use_swiglu: true, use_rope: true, "
                + "use_rmsnorm: true, wo_shift: false, register_conditioning: true, register_len: 4, "
                + "register_start: 1}}}";
        train("guided", guide, "training.sample_every=2");
        Path run = out.resolve("guided");
        assertTrue(Files.exists(run.resolve("samples/step-0000002.png")));
        StringWriter text = new StringWriter();
        List<String> args = List.of(
                "sample",
                run.toString(),
                "--count=1",
                "--solver=heun2",
                "--precision=bf16",
                "--steps=4",
                "--out=" + out.resolve("pictures"));
        int code = Dsr.execute(new PrintWriter(text, true), new PrintWriter(text, true), args.toArray(String[]::new));
        assertEquals(0, code, text.toString());
        assertTrue(text.toString().contains("evaluations of the denoiser for each: 6"), text.toString());
        Map<String, String> chunks = PngText.read(out.resolve("pictures/000000-apples.png"));
        assertEquals("bf16", chunks.get("dsr:precision"));
        assertEquals("6", chunks.get("dsr:evaluations"));
    }

    @ParameterizedTest
    @CsvSource({
        "training.token_norm_shift=true, training: expected no outlier_token_norm and no",
        "training.checkpoint_segments=2, training.checkpoint_segments: expected 0 for a decoder"
    })
    void aDecoderHasNoOptionsOfADenoiser(String option, String message) {
        StringWriter err = new StringWriter();
        int code = dsr(
                err,
                List.of(
                        "train-decoder",
                        root.resolve("decoder.yaml").toString(),
                        "--set",
                        "run.dir=" + out,
                        "--set",
                        option));
        assertEquals(2, code);
        assertTrue(err.toString().startsWith("error: " + message), err.toString());
    }
}
