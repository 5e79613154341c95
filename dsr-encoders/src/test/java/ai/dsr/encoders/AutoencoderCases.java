// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.encoders.rae.DecoderConfig;
import ai.dsr.encoders.rae.LatentNoise;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.LatentStatistics;
import ai.dsr.encoders.rae.Latents;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import java.util.Map;

/** Golden cases of the whole autoencoder and of latent statistics. */
final class AutoencoderCases {
    private AutoencoderCases() {}

    static void encode(FixtureCase fixture, Checker out) {
        try (NDManager weights = fixture.manager().newSubManager()) {
            fixture.keys().ignore("decoder", "batch", "stats_shape");
            RAE rae = rae(fixture, weights, false);
            weights.cap();
            Latents latents = rae.encode(fixture.in("images"), draws(fixture));
            out.check("z", latents.z());
            out.check("token_norm", latents.tokenNorm());
        }
    }

    static void decode(FixtureCase fixture, Checker out) {
        try (NDManager weights = fixture.manager().newSubManager()) {
            fixture.keys().ignore("batch", "stats_shape");
            RAE rae = rae(fixture, weights, true);
            weights.cap();
            LatentNoise.Draws draws = draws(fixture);
            NDArray images = Cases.input(fixture, "images");
            try (Autograd tape = Autograd.record()) {
                NDList trained = rae.decoder().requireGradients(weight -> true);
                NDArray z = fixture.hasIn("z")
                        ? fixture.in("z")
                        : rae.encode(images, draws).z();
                NDArray decoded = rae.decode(z);
                out.check("x_rec", decoded);
                if (fixture.hasOut("loss")) {
                    NDArray loss = decoded.sub(images).abs().mean();
                    out.check("loss", loss);
                    NDList gradients = tape.gradients(loss, trained);
                    int i = 0;
                    for (String name : rae.decoder().weights().keySet()) {
                        out.checkGrad("decoder." + name, gradients.get(i++));
                    }
                }
            }
        }
    }

    static void statistics(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("latent_shape", "batches_per_rank");
        int ranks = keys.require("ranks").asInt();
        LatentStatistics all = new LatentStatistics();
        for (int rank = 0; rank < ranks; rank++) {
            LatentStatistics part = new LatentStatistics();
            for (int batch = 0; fixture.hasIn("latents." + rank + "." + batch); batch++) {
                part.add(fixture.in("latents." + rank + "." + batch));
            }
            all.merge(part);
        }
        out.check("mean", all.mean().toFloats(), all.mean().shape());
        out.check("var", all.variance().toFloats(), all.variance().shape());
        out.check("count", all.count());
    }

    private static LatentNoise.Draws draws(FixtureCase fixture) {
        boolean isTraining = fixture.keys().optional("training").asBoolean(false);
        return isTraining && fixture.hasIn("noise")
                ? new LatentNoise.Draws(fixture.in("noise_u"), fixture.in("noise"))
                : null;
    }

    private static RAE rae(FixtureCase fixture, NDManager weights, boolean decodes) {
        ConfigKeys keys = fixture.keys();
        StateDict state = Cases.state(fixture);
        PatchConvEncoder encoder = encoder(keys, state, weights);
        RAEConfig config = config(keys);
        LatentNormalizer normalizer = LatentNormalizer.of(
                weights, tensor(fixture, "latent_mean"), tensor(fixture, "latent_var"), config.eps());
        ViTDecoder decoder = null;
        if (decodes) {
            DecoderConfig file =
                    DecoderCases.config(keys.object("decoder"), fixture.config().get("decoder"));
            decoder = new ViTDecoder(RAE.decoderConfig(config, encoder, file));
            decoder.load(weights, state.under("decoder."));
        }
        return new RAE(config, encoder, normalizer, decoder);
    }

    private static PatchConvEncoder encoder(ConfigKeys keys, StateDict state, NDManager weights) {
        ConfigKeys encoder = keys.object("encoder");
        if (!encoder.require("type").asText().equals("patch_conv")) {
            throw new IllegalArgumentException("encoder.type: expected patch_conv, got " + encoder.require("type"));
        }
        PatchConvEncoder.Sizes sizes = new PatchConvEncoder.Sizes(
                encoder.require("patch_size").asInt(),
                encoder.require("hidden_size").asInt(),
                encoder.require("norm_eps").asDouble(),
                encoder.require("returns_latents").asBoolean());
        StateDict own = state.under("encoder.");
        return own.size() == 0 // a case that only decodes
                ? PatchConvEncoder.random(weights, Cases.pixelNorm(keys), sizes)
                : PatchConvEncoder.of(weights, own, Cases.pixelNorm(keys), sizes);
    }

    private static RAEConfig config(ConfigKeys keys) {
        return new RAEConfig(
                "patch_conv",
                "",
                keys.require("encoder_input_size").asInt(),
                Map.of(),
                null,
                null,
                keys.optional("decoder_patch_size").asInt(16),
                null,
                keys.require("noise_tau").asDouble(),
                keys.require("reshape_to_2d").asBoolean(),
                null,
                keys.optional("eps").asDouble(LatentNormalizer.DEFAULT_EPS),
                keys.optional("norm_scaled_noise").asBoolean(false),
                keys.optional("post_stat_norm").asBoolean(false),
                keys.optional("preln").asBoolean(false),
                false);
    }

    private static TensorData tensor(FixtureCase fixture, String name) {
        return fixture.hasIn(name) ? TensorData.of(fixture.in(name)) : null;
    }
}
