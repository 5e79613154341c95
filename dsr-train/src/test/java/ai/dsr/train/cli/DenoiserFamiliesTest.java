// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.train.loop.MetricsLog;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of class-conditional denoiser through the commands: train, sample, bundle, sample again. */
class DenoiserFamiliesTest {
    @TempDir
    private static Path root;

    private static String dsr(int code, Object... args) {
        StringWriter text = new StringWriter();
        PrintWriter writer = new PrintWriter(text, true);
        String[] texts = Stream.of(args).map(Object::toString).toArray(String[]::new);
        assertEquals(code, Dsr.execute(writer, writer, texts), text::toString);
        return text.toString();
    }

    @BeforeAll
    static void trainADecoder() {
        TinyFiles.write(root);
        dsr(0, "train-decoder", root.resolve("decoder.yaml"));
    }

    /** Trains two steps and draws from the run and from its bundle. */
    private static void trainAndSample(Path config, String name, String... overrides) {
        Path run = root.resolve("runs").resolve(name);
        List<String> sets = Stream.concat(Stream.of("run.dir=" + run, "training.steps=2"), Stream.of(overrides))
                .flatMap(pair -> Stream.of("--set", pair))
                .toList();
        dsr(0, Stream.concat(Stream.of("train", config), sets.stream()).toArray());
        assertEquals(2, new MetricsLog(run).read().size());
        assertTrue(Files.exists(run.resolve("samples/step-0000002.png")));
        Path bundle = root.resolve(name + "-bundle");
        dsr(0, "bundle", run, "--out", bundle);
        Path fromRun = root.resolve(name + "-a");
        Path fromBundle = root.resolve(name + "-b");
        dsr(0, "sample", run, "--count", 2, "--out", fromRun);
        dsr(0, "sample", bundle, "--count", 2, "--out", fromBundle);
        for (Path out : List.of(fromRun, fromBundle)) {
            assertEquals(28, ImageCodec.read(out.resolve("000001-berries.png")).width());
        }
    }

    @Test
    void theWideHead() {
        trainAndSample(
                root.resolve("dit.yaml"),
                "dit-dh",
                "training.checkpoint_segments=2",
                "stage_2.target=stage2.models.DDT.DiTwDDTHead",
                "stage_2.params={input_size: 2, patch_size: 1, in_channels: 16, hidden_size: [16, 24], depth: [2, 1], "
                        + "num_heads: [2, 3], mlp_ratio: 2.0, class_dropout_prob: 0.1, num_classes: 2, "
                        + "use_qknorm: false, use_swiglu: true, use_rope: true, use_rmsnorm: true, wo_shift: false, "
                        + "use_pos_embed: true, register_conditioning: true, register_len: 4, register_start: 1}");
    }

    @Test
    void aTextModelHasNoClassesToTrainOn() {
        String message = dsr(
                2,
                "train",
                root.resolve("dit.yaml"),
                "--set",
                "run.dir=" + root.resolve("runs/text"),
                "--set",
                "stage_2.target=stage2.models.textDiT.TextDiT",
                "--set",
                "stage_2.params={arch: DiT, input_size: 2, patch_size: 1, in_channels: 16, hidden_size: 16, depth: 2, "
                        + "num_heads: 2, mlp_ratio: 2.0, class_dropout_prob: 0.1, z_channels: 8, use_qknorm: false, "
                        + "use_swiglu: true, use_rope: true, use_rmsnorm: true, wo_shift: false}");
        assertEquals(
                "error: stage_2.target: expected a class-conditional denoiser, got one that is conditioned on text",
                message.strip());
    }
}
