// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDManager;
import ai.dsr.sample.config.Metric;
import java.nio.file.Path;
import java.util.Set;

/**
 * The networks that are at hand.
 *
 * @param inception for FID, sFID and the inception score, or null
 * @param encoder for the distance on its class token, or null
 */
public record EvaluationNetworks(InceptionFeatures inception, EncoderFeatures encoder) {
    /**
     * Loads what some metrics need.
     *
     * @param inception weights of Inception-V3, or null
     * @param encoder folder of the encoder
     * @param manager owns the networks
     * @throws IllegalArgumentException if something is missing
     */
    public static EvaluationNetworks load(
            Set<Metric> metrics, Path inception, Path encoder, int encoderSize, NDManager manager) {
        for (Metric metric : metrics) {
            if (metric.needsInception() && inception == null) {
                throw missingInception(metric);
            }
        }
        boolean needsEncoder = metrics.stream()
                .anyMatch(metric -> metric == Metric.FD_DINOV2 || (inception == null && !metric.isPaired()));
        return new EvaluationNetworks(
                inception == null ? null : InceptionFeatures.load(inception, manager),
                needsEncoder ? EncoderFeatures.load(encoder, encoderSize, manager) : null);
    }

    void require(Metric metric) {
        if (metric.needsInception() && inception == null) {
            throw missingInception(metric);
        }
        boolean needsEncoder = metric == Metric.FD_DINOV2 || inception == null;
        if (!metric.isPaired() && needsEncoder && encoder == null) {
            throw new IllegalArgumentException(metric.label() + ": expected an encoder, got none");
        }
    }

    private static IllegalArgumentException missingInception(Metric metric) {
        return new IllegalArgumentException(metric.label() + ": expected the weights of Inception-V3, got none;"
                + " give them with --inception FILE (in a configuration: eval.inception), made from the"
                + " published pt_inception-2015-12-05-6726825d.pth with ./dsr convert");
    }

    /** The features whose statistics suffice for a metric; null if the images are needed. */
    static String partOf(Metric metric) {
        return switch (metric) {
            case FID -> InceptionFeatures.POOL3;
            case SFID -> InceptionFeatures.SPATIAL;
            case FD_DINOV2 -> EncoderFeatures.CLASS_TOKEN;
            default -> null;
        };
    }

    /** The network of a metric: for precision, recall and kernel distance Inception if it is there. */
    FeatureNetwork of(Metric metric) {
        boolean isEncoders = metric == Metric.FD_DINOV2 || (inception == null && !metric.needsInception());
        return isEncoders ? encoder : inception;
    }
}
