// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.nn.Activation;
import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.text.Qwen2;
import ai.dsr.dit.text.Qwen2Config;
import ai.dsr.encoders.vit.Dinov2Config;
import ai.dsr.encoders.vit.ViT;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Files of a tiny project: eight random images of 28 px in two classes, an encoder and two configurations. */
public final class TinyFiles {
    private static final int SIDE = 28;

    private static final String SHARED =
            """
            data: {type: image_folder, path: "ROOT/images", image_size: 28, cache: "ROOT/cache"}
            training: {steps: 3, global_batch_size: 4, grad_accum_steps: 2, ema_decay: 0.5, log_interval: 1,
              sample_every: 2, checkpoint_steps: 3, optimizer: {lr: 1e-3}}
            """;

    private static final String STAGE_1 =
            """
            stage_1:
              target: stage1.RAE
              params:
                encoder_cls: Dinov2withNormNoReg
                encoder_config_path: encoder
                encoder_input_size: 28
                decoder: {decoder_hidden_size: 16, decoder_num_hidden_layers: 1, decoder_num_attention_heads: 2,
                  decoder_intermediate_size: 32}
                decoder_patch_size: 14
            """;

    private static final String STAGE_2 =
            """
                pretrained_decoder_path: runs/decoder/decoder.safetensors
            stage_2:
              target: stage2.models.lightningDiT.LightningDiT
              params: {input_size: 2, patch_size: 1, in_channels: 16, hidden_size: 16, depth: 2, num_heads: 2,
                mlp_ratio: 2.0, class_dropout_prob: 0.1, num_classes: 2, use_qknorm: false, use_swiglu: true,
                use_rope: true, use_rmsnorm: true, wo_shift: false,
                register_conditioning: true, register_len: 4, register_start: 1}
            transport: {params: {path_type: Linear, prediction: data, time_dist_type: logit-normal_0_1}}
            sampler: {mode: ODE, params: {sampling_method: euler, num_steps: 3}}
            guidance: {method: cfg, scale: 2.0}
            misc: {latent_size: [16, 2, 2], num_classes: 2, time_dist_shift_base: 16}
            """;

    private TinyFiles() {}

    /** Writes {@code images}, {@code encoder}, {@code decoder.yaml} and {@code dit.yaml}. */
    static void write(Path root) {
        for (String name : List.of("apples", "berries")) {
            for (int i = 0; i < 4; i++) {
                ImageCodec.writePng(root.resolve("images").resolve(name).resolve(i + ".png"), image(name, i));
            }
        }
        writeEncoder(root.resolve("encoder"));
        String shared = SHARED.replace("ROOT", root.toString());
        AtomicFiles.writeString(
                root.resolve("decoder.yaml"),
                shared + "run: {dir: \"" + root + "/runs/decoder\"}\n" + STAGE_1
                        + "    noise_tau: 0.4\n    post_stat_norm: true\n");
        AtomicFiles.writeString(
                root.resolve("dit.yaml"), shared + "run: {dir: \"" + root + "/runs/dit\"}\n" + STAGE_1 + STAGE_2);
    }

    /** Writes {@code NAME.yaml}, a text-to-image training into {@code runs/NAME} on the files of {@link #write}. */
    static Path writeText(Path root, String name) {
        return writeText(root, name, "encoder: {max_length: 8}, connector: {rows: 1, hidden_size: 16, num_heads: 2}");
    }

    /** The same with captions read as {@code reader} says. */
    static Path writeText(Path root, String name, String reader) {
        String stage2 = STAGE_2.replace("lightningDiT.LightningDiT", "textDiT.TextDiT")
                .replace("{input_size: 2,", "{arch: DiT, z_channels: 8, input_size: 2,")
                .replace("num_classes: 2, use_qknorm", "use_qknorm")
                .replace("num_classes: 2, time_dist", "time_dist");
        String text = "text: {" + reader
                + ", templates: [\"{caption}\", \"a picture of {name}\"], preview_prompts: [apples], preview_each: 1}\n";
        Path file = root.resolve(name + ".yaml");
        AtomicFiles.writeString(
                file,
                SHARED.replace("ROOT", root.toString()) + "run: {dir: \"" + root + "/runs/" + name + "\"}\n" + text
                        + STAGE_1 + stage2);
        return file;
    }

    private static RgbImage image(String name, int number) {
        byte[] bytes = new byte[SIDE * SIDE * RgbImage.CHANNELS];
        RandomStream stream = SeedTree.of(1).child(name).at(number).stream();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) stream.nextInt(256);
        }
        return RgbImage.of(SIDE, SIDE, bytes);
    }

    /** Writes {@code qwen}: a random Qwen2 of width 16 with a tokenizer of whole words. */
    public static Path writeLanguageModel(Path root, long seed) {
        Path folder = root.resolve("qwen");
        AtomicFiles.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"qwen2\", \"hidden_size\": 16, \"num_hidden_layers\": 2, \"num_attention_heads\": 4,"
                        + " \"num_key_value_heads\": 2, \"vocab_size\": 12, \"intermediate_size\": 24}");
        AtomicFiles.writeString(
                folder.resolve("tokenizer.json"),
                "{\"version\": \"1.0\", \"added_tokens\": [], \"pre_tokenizer\": {\"type\": \"Whitespace\"}, \"model\":"
                        + " {\"type\": \"WordLevel\", \"unk_token\": \"?\", \"vocab\": {\"?\": 0, \"a\": 1, \"picture\": 2,"
                        + " \"of\": 3, \"apples\": 4, \"berries\": 5}}}");
        Qwen2 model = new Qwen2(Qwen2Config.read(folder.resolve("config.json")));
        try (NDManager manager = Torch.newManager()) {
            model.initialize(manager, SeedTree.of(seed));
            Map<String, NDArray> published = new LinkedHashMap<>();
            model.arrays().forEach((name, array) -> published.put("model." + name, array));
            SafeTensors.writeArrays(folder.resolve("model.safetensors"), published, Map.of());
        }
        return folder;
    }

    private static void writeEncoder(Path folder) {
        AtomicFiles.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"dinov2\", \"hidden_size\": 16, \"num_hidden_layers\": 2, \"num_attention_heads\": 2,"
                        + " \"mlp_ratio\": 2, \"image_size\": 28, \"patch_size\": 14}");
        ViT network = new ViT(new Dinov2Config(
                        Dinov2Config.Variant.PLAIN, 16, 2, 2, 2, false, Activation.GELU, 1e-6, SIDE, 14, 3, true, 0)
                .network());
        try (NDManager manager = Torch.newManager()) {
            network.initialize(manager, SeedTree.of(1));
            SafeTensors.writeArrays(folder.resolve("model.safetensors"), network.arrays(), Map.of());
        }
    }
}
