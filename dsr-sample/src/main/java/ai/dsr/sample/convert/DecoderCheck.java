// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.encoders.rae.LatentNoise;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.Latents;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.encoders.register.RegisterParams;
import ai.dsr.encoders.vit.EncoderFamily;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.convert.ActivationCheck.Line;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Set;

/**
 * A pixel decoder beside stored results, in one of three forms.
 *
 * <ul>
 *   <li>{@code in/hidden_states (B, N, C)}: {@code logits}, {@code pixels}, {@code hidden_states.i}, {@code attentions.i},
 *       and with {@code in/cotangent} the gradients of {@code sum(logits cotangent)};
 *   <li>{@code in/z}, normalised latents as an image or as tokens: {@code x_rec}, pictures in [0, 1];
 *   <li>{@code in/images}: {@code z} and {@code token_norm} of the configured encoder, {@code x_rec}, and {@code loss},
 *       {@code mean |x_rec - images|}, with its gradients.
 * </ul>
 *
 * <p>Statistics are {@code in/latent_mean} and {@code in/latent_var}; of goldens without settings, those of the
 * configuration.
 */
public final class DecoderCheck {
    private static final Set<String> INPUTS =
            Set.of("hidden_states", "cotangent", "z", "images", "latent_mean", "latent_var", "noise", "noise_u");

    private final ViTDecoder decoder;
    private final Experiment experiment;
    private final Goldens goldens;
    private final ActivationCheck results = new ActivationCheck();

    private DecoderCheck(ViTDecoder decoder, Experiment experiment, Goldens goldens) {
        this.decoder = decoder;
        this.experiment = experiment;
        this.goldens = goldens;
    }

    /**
     * Runs a decoder in float32 and compares each stored result.
     *
     * @param decoder with its weights
     * @param manager owns what is computed
     * @throws IllegalArgumentException if an input is missing or foreign, or there is nothing to compare
     */
    public static List<Line> run(ViTDecoder decoder, Experiment experiment, Goldens goldens, NDManager manager) {
        goldens.requireOnly(
                INPUTS::contains,
                "a decoder",
                "hidden_states and cotangent, or z, or images with noise_u and noise, and latent_mean and latent_var");
        try (NDManager scope = manager.newSubManager()) {
            DecoderCheck check = new DecoderCheck(decoder, experiment, goldens);
            if (goldens.has("hidden_states")) {
                check.decodeTokens(scope);
            } else if (goldens.has("z")) {
                check.results.put("x_rec", check.pictures(goldens.in(scope, "z"), check.normalizer(scope)));
            } else {
                check.reconstruct(scope);
            }
            return check.results.against(goldens);
        }
    }

    private void decodeTokens(NDManager scope) {
        NDArray z = goldens.in(scope, "hidden_states");
        boolean drops = goldens.settings().path("drop_cls_token").asBoolean();
        boolean interpolates =
                goldens.settings().path("interpolate_pos_encoding").asBoolean();
        if (goldens.has("cotangent")) {
            z.setRequiresGradient(true);
            try (Autograd tape = Autograd.record()) {
                NDList inputs = decoder.requireGradients(weight -> true);
                inputs.add(z);
                NDArray logits = decoder.forward(z, drops, interpolates);
                putLogits(logits);
                NDArray product = logits.mul(goldens.in(scope, "cotangent")).sum();
                putGradients(tape.gradients(product, inputs), "");
            }
        } else {
            putLogits(decoder.forward(z, drops, interpolates));
        }
        List<NDArray> states = decoder.hiddenStates(z, drops);
        for (int i = 0; i < states.size(); i++) {
            if (goldens.wants("hidden_states." + i)) {
                results.put("hidden_states." + i, states.get(i));
            }
            if (goldens.wants("attentions." + i) && i < states.size() - 1) {
                results.put("attentions." + i, decoder.attentionWeights(states.get(i), i));
            }
        }
    }

    private void putLogits(NDArray logits) {
        results.put("logits", logits);
        JsonNode size = goldens.settings().path("original_image_size");
        results.put(
                "pixels",
                size.isArray()
                        ? decoder.unpatchify(
                                logits, size.get(0).asInt(), size.get(1).asInt())
                        : decoder.unpatchify(logits));
    }

    private void putGradients(NDList gradients, String prefix) {
        int i = 0;
        for (String name : decoder.weights().keySet()) {
            results.putGradient(prefix + name, gradients.get(i++));
        }
        if (i < gradients.size()) {
            results.putGradient("in.hidden_states", gradients.get(i));
        }
    }

    /** Normalised latents {@code (B, C, h, w)} or {@code (B, N, C)} as pictures. */
    private NDArray pictures(NDArray latents, LatentNormalizer normalizer) {
        NDArray z = experiment.rae().decodeNormalized() ? latents : normalizer.denormalize(latents);
        Shape s = z.getShape();
        NDArray tokens = s.dimension() == 4
                ? z.reshape(s.get(0), s.get(1), s.get(2) * s.get(3)).transpose(0, 2, 1)
                : z;
        return pixelNorm().denormalize(decoder.unpatchify(decoder.forward(tokens)));
    }

    private void reconstruct(NDManager scope) {
        NDArray images = goldens.in(scope, "images");
        RAE rae = new RAE(experiment.rae(), Stages.encoder(experiment, scope), normalizer(scope), decoder);
        LatentNoise.Draws draws = goldens.has("noise")
                ? new LatentNoise.Draws(goldens.in(scope, "noise_u"), goldens.in(scope, "noise"))
                : null;
        try (Autograd tape = Autograd.record()) {
            NDList weights = decoder.requireGradients(weight -> true);
            Latents latents = rae.encode(images, draws);
            results.put("z", latents.z());
            results.put("token_norm", latents.tokenNorm());
            NDArray decoded = rae.decode(latents.z());
            results.put("x_rec", decoded);
            NDArray loss = decoded.sub(images).abs().mean();
            results.put("loss", loss);
            if (goldens.wantsGradients()) {
                putGradients(tape.gradients(loss, weights), "decoder.");
            }
        }
    }

    private LatentNormalizer normalizer(NDManager scope) {
        if (goldens.settings().isMissingNode() && !goldens.has("latent_var") && !goldens.has("latent_mean")) {
            return Stages.normalizer(experiment, scope);
        }
        double eps = goldens.settings().path("eps").asDouble(experiment.rae().eps());
        return LatentNormalizer.of(scope, goldens.data("latent_mean"), goldens.data("latent_var"), eps);
    }

    private PixelNorm pixelNorm() {
        if (goldens.settings().has("image_mean")) {
            return new PixelNorm(goldens.numbers("image_mean"), goldens.numbers("image_std"));
        }
        RegisterParams params = RegisterParams.of(
                experiment.rae().encoderCls(), experiment.rae().encoderParams());
        EncoderFamily family = EncoderFamily.of(params.encoderCls());
        return PixelNorm.ofFolder(Stages.encoderFolder(experiment), family.pixelNorm());
    }
}
