// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.config.Default;
import java.util.List;
import java.util.Set;

/**
 * Section {@code eval}: figures during training, by the code of the command {@code evaluate}.
 *
 * @param evalInterval steps between evaluations; 0: none
 * @param evalModel whether the weights themselves are evaluated too, beside their average
 * @param dataPath folder of images to compare with, or to reconstruct; null: the held-out images of the data set
 * @param referenceNpzPath reference file to compare with; goes before {@code data_path}
 * @param metrics names as {@code --metrics} takes them; {@code rfid} is FID of reconstructions
 * @param numSamples images to draw, or to reconstruct at most
 * @param labels how classes are dealt out
 * @param seed of noise and labels
 * @param inception weights of Inception-V3, see {@code --inception}
 * @param encoder encoder of {@code fd_dinov2}
 * @param encoderSize side of its input
 * @param keepSamples whether the drawn images stay, in {@code eval} of the run folder
 */
public record EvaluationConfig(
        @Default("0") int evalInterval,
        @Default("false") boolean evalModel,
        @Default("null") String dataPath,
        @Default("null") String referenceNpzPath,
        @Default("[fd_dinov2, pr]") List<String> metrics,
        @Default("1000") int numSamples,
        @Default("equal") LabelPolicy labels,
        @Default("0") long seed,
        @Default("null") String inception,
        @Default("models/dinov2-small") String encoder,
        @Default("112") int encoderSize,
        @Default("false") boolean keepSamples) {
    /** The encoder that comes with the library. */
    public static final String ENCODER = "models/dinov2-small";

    /** A size at which it is fast: 8 x 8 patches. */
    public static final int ENCODER_SIZE = 112;

    /** Checks the numbers and the names of the metrics. */
    public EvaluationConfig {
        if (evalInterval < 0) {
            throw new IllegalArgumentException("eval_interval: expected 0 or more, got " + evalInterval);
        }
        if (numSamples < 1) {
            throw new IllegalArgumentException("num_samples: expected 1 or more, got " + numSamples);
        }
        metrics = List.copyOf(metrics);
        Metric.parse(metrics);
    }

    /** The metrics. */
    public Set<Metric> parsedMetrics() {
        return Metric.parse(metrics);
    }
}
