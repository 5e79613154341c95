// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.Latents;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.encoders.vit.Dinov2;
import ai.dsr.encoders.vit.Dinov2Config;
import ai.dsr.encoders.vit.Dinov2withNorm;
import ai.dsr.encoders.vit.Dinov2withNormNoReg;
import ai.dsr.encoders.vit.EncoderOutput;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.encoders.vit.VisionEncoder;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Golden cases of encoders. */
final class EncoderCases {
    private EncoderCases() {}

    static void run(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        String input = keys.require("input").asText();
        boolean isImage = !input.equals("pixel_values");
        try (NDManager weights = fixture.manager().newSubManager()) {
            PixelNorm pixels = isImage ? Cases.pixelNorm(keys) : PixelNorm.imageNet();
            Loaded loaded = load(fixture, pixels, weights);
            weights.cap();
            if (isImage) {
                NDArray images = images(fixture, input);
                images(fixture, keys, loaded, images, out);
            } else {
                NDArray x = fixture.in("pixel_values");
                EncoderOutput output = loaded.encoder.encode(x);
                out.check("features", output.tokens());
                if (fixture.hasOut("hidden_states")) {
                    out.check("hidden_states", NDArrays.stack(new NDList(loaded.network.hiddenStates(x))));
                }
            }
        }
    }

    private record Loaded(VisionEncoder encoder, Dinov2 network) {}

    private static Loaded load(FixtureCase fixture, PixelNorm pixels, NDManager weights) {
        ConfigKeys keys = fixture.keys();
        String name = keys.require("encoder_cls").asText();
        ConfigKeys params = keys.object("encoder_params");
        params.ignore("dinov2_path", "model_name"); // where the reference looks for the weights
        boolean isNormalized = params.optional("normalize").asBoolean(true);
        boolean hasRegisters = name.equals("Dinov2withNorm");
        Dinov2Config.Variant variant = hasRegisters ? Dinov2Config.Variant.REGISTERS : Dinov2Config.Variant.PLAIN;
        Dinov2 network;
        if (keys.isGiven("weights")) {
            Path folder = Path.of(System.getProperty("dsr.root", "..")).resolve("models");
            network = Dinov2.ofFolder(folder.resolve(keys.require("weights").asText()), variant, weights);
        } else {
            HfConfig hf = new HfConfig(keys.require("hf_config"), "hf_config");
            network = Dinov2.of(Dinov2Config.of(hf, variant), Cases.state(fixture), weights);
        }
        if (hasRegisters) {
            return new Loaded(new Dinov2withNorm(network, pixels, isNormalized), network);
        }
        int layer = params.optional("layer_index").asInt(Dinov2withNormNoReg.LAST);
        return new Loaded(new Dinov2withNormNoReg(network, pixels, isNormalized, layer), network);
    }

    private static NDArray images(FixtureCase fixture, String input) {
        return input.equals("image")
                ? fixture.in("image")
                : fixture.in("image_uint8").toType(DataType.FLOAT32, false).div(255);
    }

    private static void images(FixtureCase fixture, ConfigKeys keys, Loaded loaded, NDArray images, Checker out) {
        RAEConfig config = config(keys, loaded.encoder.name());
        RAE rae = new RAE(config, loaded.encoder, LatentNormalizer.none(), null);
        NDList z = new NDList();
        NDList norms = new NDList();
        List<NDList> states = new ArrayList<>();
        for (long i = 0; i < images.getShape().get(0); i++) {
            NDArray image = images.get(new NDIndex().addSliceDim(i, i + 1));
            Latents latents = rae.encode(image);
            z.add(latents.z());
            norms.add(latents.tokenNorm());
            if (fixture.hasOut("hidden_norms")) {
                NDArray pixels = loaded.encoder.pixelNorm().normalize(image);
                NDList rows = new NDList();
                loaded.network
                        .hiddenStates(pixels)
                        .forEach(x -> rows.add(Kernels.norm(x, 2).squeeze(2)));
                states.add(new NDList(NDArrays.stack(rows))); // (L + 1, 1, T)
            }
        }
        report(fixture, keys, out, NDArrays.concat(z), NDArrays.concat(norms));
        if (!states.isEmpty()) {
            NDList parts = new NDList();
            states.forEach(parts::addAll);
            out.check("hidden_norms", NDArrays.concat(parts, 1));
        }
    }

    private static void report(FixtureCase fixture, ConfigKeys keys, Checker out, NDArray z, NDArray norms) {
        if (fixture.hasOut("z")) {
            out.check("z", z);
        }
        if (fixture.hasOut("token_norm")) {
            out.check("token_norm", norms);
        }
        if (keys.isGiven("token_slice")) {
            long from = keys.require("token_slice").get(0).asLong();
            long to = keys.require("token_slice").get(1).asLong();
            out.check("z_slice", z.get(new NDIndex().addAllDim().addSliceDim(from, to)));
            out.check("token_norms", norms.squeeze(2));
            out.check("token_means_abs", z.abs().mean(new int[] {2}));
        }
    }

    private static RAEConfig config(ConfigKeys keys, String encoder) {
        return new RAEConfig(
                encoder,
                "",
                keys.require("encoder_input_size").asInt(),
                Map.of(),
                null,
                null,
                1,
                null,
                0,
                keys.optional("reshape_to_2d").asBoolean(false),
                null,
                LatentNormalizer.DEFAULT_EPS,
                false,
                false,
                keys.optional("preln").asBoolean(false),
                false);
    }
}
