// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.random.SeedTree;
import ai.dsr.train.loop.MetricsLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
        String looks = dsr(
                0, "inspect", run, "--images", root.resolve("images"), "--levels", 0.5, "--out", root.resolve(name));
        assertTrue(looks.contains("registers: up to "), looks);
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

    /** JiT in small: pixels, data prediction, squeezed patches, registers of the class; no {@code stage_1}. */
    @Test
    void aTransformerOfPixelsNeedsNoAutoencoder() {
        Path config = root.resolve("pixels.yaml");
        AtomicFiles.writeString(
                config,
                """
                data: {type: image_folder, path: "ROOT/images", image_size: 28, cache: "ROOT/cache", random_flip: true}
                training: {global_batch_size: 4, log_interval: 1, sample_every: 2, optimizer: {lr: 1e-3}}
                run: {dir: none}
                stage_2:
                  target: stage2.models.lightningDiT.LightningDiT
                  params: {input_size: 28, patch_size: 7, in_channels: 3, hidden_size: 16, depth: 2, num_heads: 2,
                    mlp_ratio: 2.0, class_dropout_prob: 0.1, num_classes: 2, use_qknorm: true, use_swiglu: true,
                    use_rope: true, use_rmsnorm: true, wo_shift: false, bottleneck_dim: 8,
                    register_conditioning: true, register_kind: class, register_len: 5, register_start: 1}
                transport: {params: {path_type: Linear, prediction: data, time_dist_type: logit-normal_0.8_0.8}}
                sampler: {mode: ODE, params: {sampling_method: heun, num_steps: 3}}
                guidance: {method: cfg, scale: 2.0, t_min: 0.0, t_max: 0.9}
                misc: {latent_size: [3, 28, 28], num_classes: 2, time_dist_shift_base: 2352}
                """
                        .replace("ROOT", root.toString()));
        trainAndSample(config, "pixels");
        assertFalse(Files.exists(root.resolve("pixels-bundle/decoder.safetensors")));
        String reconstruct = dsr(2, "reconstruct", root.resolve("pixels-bundle"), "--images", root.resolve("images"));
        assertTrue(reconstruct.contains("stage_1"), reconstruct);
        Path run = root.resolve("runs/four");
        String message = dsr(
                2,
                "train",
                config,
                "--set",
                "run.dir=" + run,
                "--set",
                "training.steps=2",
                "--set",
                "misc.latent_size=[4, 28, 28]",
                "--set",
                "stage_2.params.in_channels=4");
        assertEquals(
                "error: stage_1: expected an autoencoder for latents of [4, 28, 28], got none; "
                        + "only a denoiser of pixels needs none",
                message.strip());
    }

    private static void writeLatents(Path folder, String name, int count, int first) {
        long[] labels = new long[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (first + i) % 2L;
        }
        ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(labels);
        SafeTensors.write(
                folder.resolve(name + ".safetensors"),
                Map.of(
                        "latents",
                        TensorData.of(SeedTree.of(first).stream().normals(count * 64), count, 4, 4, 4),
                        "labels",
                        TensorData.of(DataType.INT64, new Shape(count), bytes)),
                Map.of());
    }

    /** SiT in small: latents of an autoencoder that is not here, velocity prediction, layer norm, no rotation. */
    @Test
    void aTransformerOfStoredLatents() throws IOException {
        Path latents = root.resolve("latents");
        writeLatents(latents, "a", 3, 0);
        writeLatents(latents, "b", 5, 3);
        Path config = root.resolve("sit.yaml");
        AtomicFiles.writeString(
                config,
                """
                data: {type: latents, path: "ROOT/latents"}
                training: {steps: 2, global_batch_size: 4, log_interval: 1, optimizer: {lr: 1e-3}}
                run: {dir: "ROOT/runs/sit"}
                stage_2:
                  target: stage2.models.lightningDiT.LightningDiT
                  params: {input_size: 4, patch_size: 2, in_channels: 4, hidden_size: 16, depth: 2, num_heads: 2,
                    mlp_ratio: 4.0, class_dropout_prob: 0.1, num_classes: 2, use_qknorm: false, use_swiglu: false,
                    use_rope: false, use_rmsnorm: false, wo_shift: false, learn_sigma: true}
                transport: {params: {path_type: Linear, prediction: velocity}}
                sampler: {mode: ODE, params: {num_steps: 3}}
                misc: {latent_size: [4, 4, 4], num_classes: 2, time_dist_shift_base: 64}
                """
                        .replace("ROOT", root.toString()));
        dsr(0, "train", config);
        assertTrue(Files.exists(root.resolve("runs/sit/checkpoints/step-2/ema.safetensors")));
        String sample = dsr(2, "sample", root.resolve("runs/sit"), "--out", root.resolve("sit-out"));
        assertTrue(sample.contains("stage_1: expected an autoencoder for latents of [4, 4, 4], got none"), sample);
        String[] other = {"--set", "run.dir=" + root.resolve("runs/sit2"), "--set"};
        String previews = dsr(2, "train", config, other[0], other[1], other[2], "training.sample_every=1");
        assertTrue(previews.contains("training.sample_every: expected 0 for stored latents"), previews);
        writeLatents(latents, "c", 1, 0);
        Files.writeString(latents.resolve("classes.txt"), "only\n");
        String classes = dsr(2, "train", config, other[0], other[1], other[2], "training.steps=1");
        assertTrue(classes.contains("expected labels of 0 to 0, got 1"), classes);
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
