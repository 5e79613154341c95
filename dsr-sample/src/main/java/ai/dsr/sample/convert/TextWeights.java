// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.dit.text.Conditioner;
import ai.dsr.dit.text.TextToLatent;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.text.CaptionReader;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A text-conditional model of the Python code: a denoiser with queries and projection, which stand beside it in one file,
 * perhaps with the language model, or in a file of their own.
 */
public final class TextWeights {
    private TextWeights() {}

    /**
     * The weights of such a denoiser and of what reads captions for it, under the names of this library.
     *
     * @param source a denoiser; anything else is returned as it is
     * @param experiment the configuration; one without a section {@code text} leaves the source as it is, too
     * @throws IllegalArgumentException if there are no queries, or the configuration reads captions in another way
     */
    public static Source joined(Source source, Experiment experiment) {
        if (experiment == null || !experiment.isTextToImage() || source.kind() != Source.Kind.DENOISER) {
            return source;
        }
        if (!experiment.text().hasConditioner()) {
            throw new IllegalArgumentException(experiment.config().source()
                    + ": text: expected a conditioner, which the Python code has, got a text encoder with a connector of"
                    + " this library; give text: {conditioner: {path: FOLDER}}");
        }
        StateDict own = Conditioner.headOf(source.weights());
        StateDict inFile = own.filter(Conditioner::isHeadName);
        StateDict head = inFile.size() > 0 ? inFile : Stages.conditionerHead(experiment);
        if (head == null) {
            throw new IllegalArgumentException(source.file()
                    + ": expected latent_queries and diff_head_projector beside the denoiser, got neither; name their"
                    + " file in text.conditioner.head_path");
        }
        Map<String, TensorData> all = new LinkedHashMap<>();
        head.toMap().forEach((name, tensor) -> all.put("conditioner." + name, tensor));
        own.toMap().forEach((name, tensor) -> {
            if (!inFile.has(name)) {
                all.put(TextToLatent.DENOISER + "." + name, tensor);
            }
        });
        return new Source(source.file(), source.kind(), StateDict.of(own.source(), all), source.facts());
    }

    /** Names and shapes of a denoiser's weights, with what reads captions for it if the configuration has a text model. */
    static Map<String, Shape> shapes(Experiment experiment) {
        if (!experiment.isTextToImage()) {
            return experiment.denoiser().shapes();
        }
        try (CaptionReader reader = Stages.captionReader(experiment)) {
            return Stages.textToLatent(experiment, reader).shapes();
        }
    }

    /** The denoiser's part of converted weights. */
    public static StateDict denoiser(StateDict weights, Experiment experiment) {
        return experiment.isTextToImage() ? weights.under(TextToLatent.DENOISER + ".") : weights;
    }

    /** Fingerprint of what reads captions; null if nothing does. */
    static String fingerprint(Experiment experiment) {
        if (!experiment.isTextToImage()) {
            return null;
        }
        try (CaptionReader reader = Stages.captionReader(experiment)) {
            return reader.fingerprint();
        }
    }
}
