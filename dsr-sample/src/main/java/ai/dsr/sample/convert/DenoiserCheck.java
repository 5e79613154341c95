// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.dit.model.ActivationTap;
import ai.dsr.dit.model.DiTDH;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.GaussianFourierEmbedding;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.sample.convert.ActivationCheck.Line;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A denoiser beside stored results: its prediction, what is inside, the loss and its gradients, and guided calls.
 *
 * <p>The loss is {@code mean((out - target)^2)}. With {@code in/s} the head of a DiT-DH runs under given condition rows.
 * Guided calls need {@code calls} among the settings of the goldens, each with its times {@code in/t.NAME}; those with a
 * second model are compared if the configuration has one ({@code guidance.guidance_model}).
 */
public final class DenoiserCheck {
    private static final Set<String> INPUTS = Set.of("x", "t", "y", "s", "target", "t_embedder.W");

    private final DiffusionTransformer model;
    private final DiffusionTransformer guide;
    private final Goldens goldens;
    private final ActivationCheck results = new ActivationCheck();

    private DenoiserCheck(DiffusionTransformer model, DiffusionTransformer guide, Goldens goldens) {
        this.model = model;
        this.guide = guide;
        this.goldens = goldens;
    }

    /**
     * Runs a model in float32 and compares each stored result.
     *
     * @param model the denoiser with its weights
     * @param guide the worse model of autoguidance, or null
     * @param goldens {@code in/x (B, C, S, S)}, {@code in/t (B)} and {@code in/y}, labels {@code (B)} or rows {@code (B, L,
     *     Z)}
     * @param manager owns what is computed
     * @throws IllegalArgumentException if an input is missing or foreign, or there is nothing to compare
     */
    public static List<Line> run(
            DiffusionTransformer model, DiffusionTransformer guide, Goldens goldens, NDManager manager) {
        goldens.requireOnly(
                name -> INPUTS.contains(name) || name.startsWith("t."), "a denoiser", "x, t, y, s, target and t.NAME");
        try (NDManager scope = manager.newSubManager()) {
            DenoiserCheck check = new DenoiserCheck(model, guide, goldens);
            check.requireFrequencies();
            if (goldens.has("t")) {
                check.predict(scope);
            }
            check.callGuided(scope);
            return check.results.against(goldens);
        }
    }

    /** The text model's frequencies are in no checkpoint: results of others say nothing. */
    private void requireFrequencies() {
        if (goldens.has("t_embedder.W")
                && !Arrays.equals(
                        goldens.data("t_embedder.W").toFloats(), GaussianFourierEmbedding.sharedFrequencies())) {
            throw new IllegalArgumentException(goldens.tensors().source()
                    + ": t_embedder.W: expected the frequencies that all text-to-image models share, got others");
        }
    }

    private void predict(NDManager scope) {
        if (!goldens.wantsGradients()) {
            results.put("out", forward(scope));
            return;
        }
        try (Autograd tape = Autograd.record()) {
            NDList weights = model.requireGradients(weight -> true);
            NDArray out = forward(scope);
            results.put("out", out);
            NDArray loss = out.sub(goldens.in(scope, "target")).square().mean();
            results.put("loss", loss);
            NDList gradients = tape.gradients(loss, weights);
            int i = 0;
            for (String name : model.weights().keySet()) {
                results.putGradient(name, gradients.get(i++));
            }
        }
    }

    private NDArray forward(NDManager scope) {
        NDArray x = goldens.in(scope, "x");
        if (goldens.has("s")) {
            if (model instanceof DiTDH wide) {
                return wide.decode(x, goldens.in(scope, "s"), results::put);
            }
            throw new IllegalArgumentException(goldens.tensors().source()
                    + ": s: expected condition rows for a DiT-DH only, got them for a "
                    + model.getClass().getSimpleName());
        }
        NDArray t = goldens.in(scope, "t");
        NDArray y = goldens.in(scope, "y");
        return model instanceof TextDiT text
                ? text.forwardAll(x, t, y, results::put)
                : model.forward(x, t, y, results::put);
    }

    private void callGuided(NDManager scope) {
        for (JsonNode entry : goldens.settings().path("calls")) {
            String name = entry.path("name").asText();
            GuidedCall call = GuidedCall.of(model, entry);
            if (call.isCfg() || guide != null) {
                NDArray x = goldens.in(scope, "x");
                NDArray t = goldens.in(scope, "t." + name);
                NDArray y = goldens.in(scope, "y");
                results.put(
                        name, model instanceof TextDiT text ? ofText(text, call, x, t, y) : call.run(guide, x, t, y));
            }
        }
    }

    /** Times are stored twice; the further channels of {@code learn_sigma} are those of the plain prediction. */
    private static NDArray ofText(TextDiT model, GuidedCall call, NDArray x, NDArray t, NDArray y) {
        NDArray none = model.conditioning().none(y.getManager(), y.getShape());
        NDArray both = call.run(null, x.concat(x, 0), t, y.concat(none, 0));
        if (!model.config().learnSigma()) {
            return both;
        }
        NDArray all = model.forwardAll(x.concat(x, 0), t, y.concat(none, 0), ActivationTap.NONE);
        return both.concat(all.get(new NDIndex(":, {}:", model.config().inChannels())), 1);
    }
}
