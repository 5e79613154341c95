// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Config;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.nn.Activation;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.text.Qwen2;
import ai.dsr.dit.text.Qwen2Config;
import ai.dsr.encoders.rae.DecoderConfig;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.encoders.vit.Dinov2Config;
import ai.dsr.encoders.vit.ViT;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.text.CaptionReader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An encoder and a run folder of width 16 with random weights: images of 28 px, latents {@code (16, 2, 2)}. */
public final class TinyProject {
    /** The names of the classes. */
    public static final List<String> CLASSES = List.of("animals", "apples");

    /** A Qwen2 of width 16 with 12 token ids. */
    public static final Qwen2Config LANGUAGE = new Qwen2Config(16, 2, 4, 2, 12, 24, 10000, 1e-6);

    private static final int SIDE = 28;

    /** What the bundle's configuration says; paths are relative to its folder. */
    private static final String CONFIG =
            """
            stage_1:
              target: stage1.RAE
              params:
                encoder_cls: Dinov2withNormNoReg
                encoder_config_path: ../encoder
                encoder_input_size: 28
                decoder: {decoder_hidden_size: 16, decoder_num_hidden_layers: 1, decoder_num_attention_heads: 2, decoder_intermediate_size: 32}
                decoder_patch_size: 14
                pretrained_decoder_path: decoder.safetensors
                normalization_stat_path: statistics.safetensors
            stage_2:
              target: stage2.models.lightningDiT.LightningDiT
              params: {input_size: 2, patch_size: 1, in_channels: 16, hidden_size: 16, depth: 2, num_heads: 2,
                mlp_ratio: 2.0, class_dropout_prob: 0.1, num_classes: 2, use_qknorm: false, use_swiglu: true,
                use_rope: true, use_rmsnorm: true, wo_shift: false,
                register_conditioning: true, register_len: 4, register_start: 1}
              ckpt: denoiser.safetensors
            transport: {params: {path_type: Linear, prediction: data, time_dist_type: logit-normal_0_1}}
            sampler: {mode: ODE, params: {sampling_method: euler, num_steps: 4}}
            guidance: {method: cfg, scale: 2.0, t_min: 0.0, t_max: 1.0}
            misc: {latent_size: [16, 2, 2], num_classes: 2, time_dist_shift_base: 16}
            """;

    private TinyProject() {}

    /** The configuration of {@link #write} as text. */
    public static String config() {
        return CONFIG;
    }

    /** Writes {@code root/encoder} and the bundle {@code root/bundle}, which it returns. */
    public static Path write(Path root) {
        Path encoder = writeEncoder(root.resolve("encoder"), 1);
        Path bundle = root.resolve("bundle");
        AtomicFiles.writeString(bundle.resolve("config.yaml"), CONFIG);
        Experiment experiment = Experiment.of(Config.parse(CONFIG, "config.yaml"), bundle);
        writeWeights(bundle.resolve("denoiser.safetensors"), experiment.denoiser(), 2);
        DecoderConfig decoder = experiment.rae().decoder().fitted(16, 14, 2);
        writeWeights(bundle.resolve("decoder.safetensors"), new ViTDecoder(decoder), 3);
        Map<String, TensorData> statistics = new LinkedHashMap<>();
        statistics.put("mean", random(SeedTree.of(4), new Shape(16, 2, 2), 0));
        statistics.put("var", random(SeedTree.of(5), new Shape(16, 2, 2), 2));
        SafeTensors.write(bundle.resolve("statistics.safetensors"), statistics, Map.of());
        Map<String, String> hashes = new LinkedHashMap<>();
        for (String file : List.of("denoiser.safetensors", "decoder.safetensors", "statistics.safetensors")) {
            hashes.put(file, Sha256.ofFile(bundle.resolve(file)));
        }
        Json.write(
                bundle.resolve("manifest.json"),
                BundleManifest.of(CLASSES, SIDE, Sha256.ofFile(encoder.resolve("model.safetensors")))
                        .withFiles(hashes));
        return bundle;
    }

    /**
     * Writes the bundle {@code root/text}, which draws prompts read with the embedded text encoder, beside that of
     * {@link #write}; returns it.
     */
    public static Path writeText(Path root) {
        Path plain = write(root);
        Path bundle = root.resolve("text");
        String config = CONFIG.replace("lightningDiT.LightningDiT", "textDiT.TextDiT")
                .replace("{input_size: 2,", "{arch: DiT, z_channels: 8, input_size: 2,")
                .replace("num_classes: 2, use_qknorm", "use_qknorm")
                .replace("num_classes: 2, time_dist", "time_dist")
                .concat("text: {encoder: {max_length: 16}, connector: {rows: 2, hidden_size: 16, num_heads: 2}}\n");
        AtomicFiles.writeString(bundle.resolve("config.yaml"), config);
        Experiment experiment = Experiment.of(Config.parse(config, "config.yaml"), bundle);
        Map<String, String> hashes = new LinkedHashMap<>();
        for (String file : List.of("decoder.safetensors", "statistics.safetensors")) {
            AtomicFiles.copy(plain.resolve(file), bundle.resolve(file));
            hashes.put(file, Sha256.ofFile(bundle.resolve(file)));
        }
        String encoder = Sha256.ofFile(root.resolve("encoder/model.safetensors"));
        try (CaptionReader text = Stages.captionReader(experiment)) {
            Path weights = bundle.resolve("denoiser.safetensors");
            writeWeights(weights, Stages.textToLatent(experiment, text), 6);
            hashes.put("denoiser.safetensors", Sha256.ofFile(weights));
            BundleManifest manifest = BundleManifest.of(CLASSES, SIDE, encoder).withTextEncoder(text.fingerprint());
            Json.write(bundle.resolve("manifest.json"), manifest.withFiles(hashes));
        }
        return bundle;
    }

    /** Writes a {@link #LANGUAGE} with random weights and a tokenizer of whole words; returns its folder. */
    public static Path writeLanguageModel(Path folder, long seed) {
        AtomicFiles.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"qwen2\", \"hidden_size\": 16, \"num_hidden_layers\": 2, \"num_attention_heads\": 4,"
                        + " \"num_key_value_heads\": 2, \"vocab_size\": 12, \"intermediate_size\": 24}");
        AtomicFiles.writeString(
                folder.resolve("tokenizer.json"),
                "{\"version\": \"1.0\", \"added_tokens\": [], \"pre_tokenizer\": {\"type\": \"Whitespace\"}, \"model\":"
                        + " {\"type\": \"WordLevel\", \"unk_token\": \"?\", \"vocab\": {\"?\": 0, \"a\": 1, \"picture\": 2,"
                        + " \"of\": 3, \"apples\": 4, \"berries\": 5, \"far\": 99}}}");
        Map<String, TensorData> weights = new LinkedHashMap<>();
        new Qwen2(LANGUAGE)
                .shapes()
                .forEach((name, shape) -> weights.put(
                        "model." + name, random(SeedTree.of(seed).child(name), shape, name.contains("norm") ? 1 : 0)));
        SafeTensors.write(folder.resolve("model.safetensors"), weights, Map.of());
        return folder;
    }

    /** Writes a DINOv2 of two blocks in Hugging Face's layout; returns its folder. */
    public static Path writeEncoder(Path folder, long seed) {
        AtomicFiles.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"dinov2\", \"hidden_size\": 16, \"num_hidden_layers\": 2, \"num_attention_heads\": 2,"
                        + " \"mlp_ratio\": 2, \"image_size\": 28, \"patch_size\": 14}");
        Dinov2Config config = new Dinov2Config(
                Dinov2Config.Variant.PLAIN, 16, 2, 2, 2, false, Activation.GELU, 1e-6, SIDE, 14, 3, true, 0);
        writeWeights(folder.resolve("model.safetensors"), new ViT(config.network()), seed);
        return folder;
    }

    /** Random weights throughout: initial ones are zero where it matters, so that nothing would depend on anything. */
    private static void writeWeights(Path file, Layer model, long seed) {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        model.shapes()
                .forEach((name, shape) ->
                        weights.put(name, random(SeedTree.of(seed).child(name), shape, name.contains("norm") ? 1 : 0)));
        SafeTensors.write(file, weights, Map.of());
    }

    private static TensorData random(SeedTree seeds, Shape shape, float mean) {
        float[] values = seeds.stream().normals(Math.toIntExact(shape.size()));
        for (int i = 0; i < values.length; i++) {
            values[i] = mean + 0.3f * values[i];
        }
        return TensorData.of(values, shape.getShape());
    }

    /** An image of 28 px of random bytes. */
    public static RgbImage image(long seed) {
        byte[] bytes = new byte[SIDE * SIDE * RgbImage.CHANNELS];
        var stream = SeedTree.of(seed).stream();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) stream.nextInt(256);
        }
        return RgbImage.of(SIDE, SIDE, bytes);
    }
}
