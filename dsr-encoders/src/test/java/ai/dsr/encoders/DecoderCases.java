// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.encoders.rae.DecoderConfig;
import ai.dsr.encoders.rae.DecoderPositions;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Golden cases of the pixel decoder. */
final class DecoderCases {
    private static final List<String> KEYS = List.of(
            "hidden_size",
            "decoder_hidden_size",
            "decoder_num_hidden_layers",
            "decoder_num_attention_heads",
            "decoder_intermediate_size",
            "hidden_act",
            "layer_norm_eps",
            "qkv_bias",
            "num_channels",
            "patch_size",
            "image_size",
            "num_patches");

    private static final String[] INFORMATIVE = {
        "hidden_dropout_prob", "attention_probs_dropout_prob", "initializer_range", "in_chans", "batch"
    };

    private DecoderCases() {}

    static void decoder(FixtureCase fixture, Checker out) {
        try (NDManager weights = fixture.manager().newSubManager()) {
            ConfigKeys keys = fixture.keys();
            boolean drop = keys.optional("drop_cls_token").asBoolean(false);
            boolean interpolate = keys.optional("interpolate_pos_encoding").asBoolean(false);
            DecoderConfig config = config(keys, fixture.config());
            ViTDecoder decoder = new ViTDecoder(config);
            decoder.load(weights, Cases.state(fixture));
            weights.cap();
            NDArray z = fixture.in("hidden_states");
            NDList inputs = decoder.requireGradients(weight -> true);
            z.setRequiresGradient(true);
            inputs.add(z);
            try (Autograd tape = Autograd.record()) {
                NDArray logits = decoder.forward(z, drop, interpolate);
                out.check("logits", logits);
                out.check("pixels", unpatchify(decoder, logits, keys.optional("original_image_size")));
                if (fixture.hasIn("cotangent")) {
                    NDList gradients =
                            tape.gradients(logits.mul(fixture.in("cotangent")).sum(), inputs);
                    int i = 0;
                    for (String name : decoder.weights().keySet()) {
                        out.checkGrad(name, gradients.get(i++));
                    }
                    out.checkGrad("in.hidden_states", gradients.get(i));
                }
            }
            inner(fixture, out, decoder, decoder.hiddenStates(z, drop));
        }
    }

    /** Reads the keys of a decoder; any other that is not informative stays unread and fails the case. */
    static DecoderConfig config(ConfigKeys keys, JsonNode json) {
        KEYS.forEach(keys::optional);
        keys.ignore(INFORMATIVE);
        return DecoderConfig.of(new HfConfig(json, "decoder"));
    }

    private static NDArray unpatchify(ViTDecoder decoder, NDArray logits, JsonNode size) {
        return size.isArray()
                ? decoder.unpatchify(logits, size.get(0).asInt(), size.get(1).asInt())
                : decoder.unpatchify(logits);
    }

    private static void inner(FixtureCase fixture, Checker out, ViTDecoder decoder, List<NDArray> states) {
        for (String name : fixture.outNames()) {
            int layer = Integer.parseInt(name.substring(name.indexOf('.') + 1).replaceAll("\\D+", "0"));
            if (name.startsWith("hidden_states.")) {
                out.check(name, states.get(layer));
            } else if (name.startsWith("attentions.")) {
                out.check(name, decoder.attentionWeights(states.get(layer), layer));
            }
        }
    }

    static void positions(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        int width = keys.require("decoder_hidden_size").asInt();
        int side = keys.require("grid_size").asInt();
        float[] values = DecoderPositions.table(width, side);
        NDArray table = fixture.manager().create(values, new Shape(1, 1 + (long) side * side, width));
        out.check("table", table);
        int tokens = keys.require("interpolate_to_tokens").asInt();
        out.check("interpolated", DecoderPositions.interpolate(table, tokens));
    }
}
