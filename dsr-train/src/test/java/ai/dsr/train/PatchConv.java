// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.encoders.vit.EncoderOutput;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.encoders.vit.VisionEncoder;
import ai.dsr.testkit.ConfigKeys;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The encoder of golden cases of decoder training: a patch convolution and a layer norm. */
final class PatchConv extends Layer implements VisionEncoder {
    private final PatchEmbed proj;
    private final LayerNorm norm;
    private final PixelNorm pixelNorm;
    private final int patch;
    private final int width;
    private final boolean givesLatents;

    private PatchConv(ConfigKeys encoder, PixelNorm pixelNorm) {
        this.pixelNorm = pixelNorm;
        patch = encoder.require("patch_size").asInt();
        width = encoder.require("hidden_size").asInt();
        givesLatents = encoder.require("returns_latents").asBoolean();
        proj = child("proj", PatchEmbed.named("", 3, width, patch));
        norm = child("norm", LayerNorm.affine(width, encoder.require("norm_eps").asDouble()));
    }

    /** The encoder of a section with {@code encoder}, {@code image_mean} and {@code image_std}. */
    static PatchConv of(ConfigKeys keys, NDManager weights, StateDict state) {
        ConfigKeys encoder = keys.object("encoder");
        if (!encoder.require("type").asText().equals("patch_conv")) {
            throw new IllegalArgumentException("encoder.type: expected patch_conv, got " + encoder.require("type"));
        }
        PatchConv network =
                new PatchConv(encoder, new PixelNorm(numbers(keys, "image_mean"), numbers(keys, "image_std")));
        network.load(weights, state);
        return network;
    }

    private static List<Double> numbers(ConfigKeys keys, String key) {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode value : keys.require(key)) {
            numbers.add(value.asDouble());
        }
        return numbers;
    }

    @Override
    public EncoderOutput encode(NDArray pixels) {
        NDArray tokens = proj.forward(pixels);
        int rows = (int) pixels.getShape().get(2) / patch;
        int columns = (int) pixels.getShape().get(3) / patch;
        return new EncoderOutput(norm.forward(tokens), givesLatents ? tokens : null, rows, columns);
    }

    @Override
    public PixelNorm pixelNorm() {
        return pixelNorm;
    }

    @Override
    public int patchSize() {
        return patch;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public String name() {
        return "patch_conv";
    }
}
