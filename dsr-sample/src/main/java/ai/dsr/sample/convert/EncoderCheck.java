// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

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
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.EncoderFamily;
import ai.dsr.encoders.vit.EncoderOutput;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.encoders.vit.TokenReadout;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.sample.convert.ActivationCheck.Line;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A vision encoder beside stored results.
 *
 * <p>Of {@code in/pixel_values (B, 3, H, W)}: {@code features}, {@code latents}, {@code hidden_states}. Of {@code in/image} in
 * [0, 1] or {@code in/image_uint8}: {@code z} and {@code token_norm} of an autoencoder's encode path, {@code hidden_norms}.
 * The settings of the goldens choose the wrapper ({@code encoder_cls}, {@code encoder_params}) and the path; without them
 * the wrapper is that of the family and images keep their size.
 */
public final class EncoderCheck {
    private static final Set<String> INPUTS = Set.of("pixel_values", "image", "image_uint8");

    /** Deviation: the Python wrappers with registers drop a class token and four registers of any checkpoint. */
    private static final int PYTHON_DROPS = 5;

    private final ViTEncoder encoder;
    private final Goldens goldens;
    private final ActivationCheck results = new ActivationCheck();

    private EncoderCheck(ViTEncoder encoder, Goldens goldens) {
        this.encoder = encoder;
        this.goldens = goldens;
    }

    /**
     * Runs an encoder in float32 and compares each stored result.
     *
     * @param folder {@code config.json} and weights
     * @param manager owns weights and what is computed
     * @throws IllegalArgumentException if an input is missing or foreign, or there is nothing to compare
     */
    public static List<Line> run(Path folder, Goldens goldens, NDManager manager) {
        goldens.requireOnly(INPUTS::contains, "an encoder", "pixel_values, image or image_uint8");
        try (NDManager scope = manager.newSubManager()) {
            EncoderCheck check = new EncoderCheck(open(folder, goldens, scope), goldens);
            if (goldens.has("pixel_values")) {
                check.encodePixels(goldens.in(scope, "pixel_values"));
            } else if (goldens.has("image")) {
                check.encodeImages(goldens.in(scope, "image"));
            } else {
                NDArray bytes = goldens.in(scope, "image_uint8");
                check.encodeImages(bytes.toType(DataType.FLOAT32, false).div(255));
            }
            return check.results.against(goldens);
        }
    }

    private static ViTEncoder open(Path folder, Goldens goldens, NDManager scope) {
        JsonNode settings = goldens.settings();
        ViTEncoder plain = EncoderCatalog.open(folder, scope);
        EncoderFamily family = plain.family();
        if (settings.has("encoder_cls")
                && EncoderFamily.of(settings.get("encoder_cls").asText()) != family) {
            throw new IllegalArgumentException(
                    goldens.tensors().source() + ": encoder_cls: expected " + family.encoderCls() + ", got "
                            + settings.get("encoder_cls").asText());
        }
        TokenReadout readout = EncoderCatalog.readout(family, params(settings.path("encoder_params")));
        if (family == EncoderFamily.DINOV2_REGISTERS || family == EncoderFamily.DINOV3) {
            readout = readout.withDroppedTokens(PYTHON_DROPS);
        }
        PixelNorm pixels = settings.has("image_mean")
                ? new PixelNorm(goldens.numbers("image_mean"), goldens.numbers("image_std"))
                : plain.pixelNorm();
        return new ViTEncoder(family, plain.backbone(), pixels, readout);
    }

    private static Map<String, Object> params(JsonNode node) {
        Map<String, Object> params = new LinkedHashMap<>();
        node.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            Object plain =
                    value.isBoolean() ? (Object) value.asBoolean() : value.isInt() ? value.asInt() : value.asText();
            params.put(entry.getKey(), plain);
        });
        return params;
    }

    private void encodePixels(NDArray pixels) {
        EncoderOutput output = encoder.encode(pixels);
        results.put("features", output.tokens());
        if (output.hasLatents()) {
            results.put("latents", output.latents());
        }
        if (goldens.wants("hidden_states")) {
            results.put(
                    "hidden_states",
                    NDArrays.stack(new NDList(encoder.backbone().hiddenStates(pixels))));
        }
    }

    private void encodeImages(NDArray images) {
        RAE rae = new RAE(path(images), encoder, LatentNormalizer.none(), null);
        NDList z = new NDList();
        NDList norms = new NDList();
        List<NDArray> states = new ArrayList<>();
        for (long i = 0; i < images.getShape().get(0); i++) {
            NDArray image = images.get(new NDIndex().addSliceDim(i, i + 1));
            Latents latents = rae.encode(image);
            z.add(latents.z());
            norms.add(latents.tokenNorm());
            if (goldens.wants("hidden_norms")) {
                states.add(hiddenNorms(image));
            }
        }
        putTokens(NDArrays.concat(z), NDArrays.concat(norms));
        if (!states.isEmpty()) {
            results.put("hidden_norms", NDArrays.concat(new NDList(states), 1));
        }
    }

    /** Norms of all tokens in all layers, {@code (L + 1, 1, T)}. */
    private NDArray hiddenNorms(NDArray image) {
        NDList rows = new NDList();
        encoder.backbone()
                .hiddenStates(encoder.pixelNorm().normalize(image))
                .forEach(x -> rows.add(Kernels.norm(x, 2).squeeze(2)));
        return NDArrays.stack(rows);
    }

    private void putTokens(NDArray z, NDArray norms) {
        results.put("z", z);
        results.put("token_norm", norms);
        List<Double> slice = goldens.numbers("token_slice");
        if (!slice.isEmpty()) {
            results.put(
                    "z_slice",
                    z.get(new NDIndex()
                            .addAllDim()
                            .addSliceDim(slice.get(0).longValue(), slice.get(1).longValue())));
            results.put("token_norms", norms.squeeze(2));
            results.put("token_means_abs", z.abs().mean(new int[] {2}));
        }
    }

    private RAEConfig path(NDArray images) {
        JsonNode settings = goldens.settings();
        int size = settings.path("encoder_input_size")
                .asInt(Math.toIntExact(images.getShape().get(2)));
        return RAEConfig.encoding(
                encoder.name(),
                size,
                settings.path("reshape_to_2d").asBoolean(false),
                settings.path("preln").asBoolean(false));
    }
}
