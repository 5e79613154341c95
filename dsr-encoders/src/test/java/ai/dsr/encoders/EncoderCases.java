// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.Latents;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.EncoderFamily;
import ai.dsr.encoders.vit.EncoderOutput;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.encoders.vit.TokenReadout;
import ai.dsr.encoders.vit.ViT;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Golden cases of encoders. */
final class EncoderCases {
    /** The reference's wrappers with registers drop a class token and four registers of any checkpoint. */
    private static final int REFERENCE_DROPS = 5;

    private EncoderCases() {}

    static void run(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        String input = keys.require("input").asText();
        boolean isImage = !input.equals("pixel_values");
        try (NDManager weights = fixture.manager().newSubManager()) {
            PixelNorm pixels = isImage ? Cases.pixelNorm(keys) : PixelNorm.imageNet();
            ViTEncoder encoder = load(fixture, pixels, weights);
            weights.cap();
            if (isImage) {
                images(fixture, keys, encoder, images(fixture, input), out);
            } else {
                pixels(fixture, encoder, out);
            }
        }
    }

    private static void pixels(FixtureCase fixture, ViTEncoder encoder, Checker out) {
        NDArray x = fixture.in("pixel_values");
        EncoderOutput output = encoder.encode(x);
        out.check("features", output.tokens());
        if (fixture.hasOut("latents")) {
            out.check("latents", output.latents());
        }
        if (fixture.hasOut("hidden_states")) {
            out.check(
                    "hidden_states",
                    NDArrays.stack(new NDList(encoder.backbone().hiddenStates(x))));
        }
    }

    private static ViTEncoder load(FixtureCase fixture, PixelNorm pixels, NDManager weights) {
        ConfigKeys keys = fixture.keys();
        EncoderFamily family = EncoderFamily.of(keys.require("encoder_cls").asText());
        TokenReadout readout = EncoderCatalog.readout(family, params(keys));
        if (family == EncoderFamily.DINOV2_REGISTERS || family == EncoderFamily.DINOV3) {
            readout = readout.withDroppedTokens(REFERENCE_DROPS);
        }
        return new ViTEncoder(family, network(fixture, family, weights), pixels, readout);
    }

    private static ViT network(FixtureCase fixture, EncoderFamily family, NDManager weights) {
        ConfigKeys keys = fixture.keys();
        if (keys.isGiven("weights")) {
            Path folder = Path.of(System.getProperty("dsr.root", "..")).resolve("models");
            Path model = folder.resolve(keys.require("weights").asText());
            return ViT.of(family.network(HfConfig.ofFolder(model)), SafeTensors.readFolder(model), weights);
        }
        HfConfig hf = new HfConfig(keys.require("hf_config"), "hf_config");
        return ViT.of(family.network(hf), Cases.state(fixture), weights);
    }

    private static Map<String, Object> params(ConfigKeys keys) {
        Map<String, Object> params = new LinkedHashMap<>();
        keys.optional("encoder_params")
                .properties()
                .forEach(entry -> params.put(entry.getKey(), value(entry.getValue())));
        return params;
    }

    private static Object value(JsonNode node) {
        return node.isBoolean() ? node.asBoolean() : node.isIntegralNumber() ? node.asInt() : node.asText();
    }

    private static NDArray images(FixtureCase fixture, String input) {
        return input.equals("image")
                ? fixture.in("image")
                : fixture.in("image_uint8").toType(DataType.FLOAT32, false).div(255);
    }

    private static void images(FixtureCase fixture, ConfigKeys keys, ViTEncoder encoder, NDArray images, Checker out) {
        RAEConfig config = config(keys, encoder.name());
        RAE rae = new RAE(config, encoder, LatentNormalizer.none(), null);
        NDList z = new NDList();
        NDList norms = new NDList();
        List<NDList> states = new ArrayList<>();
        for (long i = 0; i < images.getShape().get(0); i++) {
            NDArray image = images.get(new NDIndex().addSliceDim(i, i + 1));
            Latents latents = rae.encode(image);
            z.add(latents.z());
            norms.add(latents.tokenNorm());
            if (fixture.hasOut("hidden_norms")) {
                NDArray pixels = encoder.pixelNorm().normalize(image);
                NDList rows = new NDList();
                encoder.backbone()
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
        return RAEConfig.encoding(
                encoder,
                keys.require("encoder_input_size").asInt(),
                keys.optional("reshape_to_2d").asBoolean(false),
                keys.optional("preln").asBoolean(false));
    }
}
