// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.stats.Gaussian;
import ai.dsr.sample.config.Metric;
import ai.dsr.sample.images.ImageSource;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What samples are compared with: images, or statistics of their features, or both.
 *
 * @param name what people call it
 * @param images the images, or null
 * @param statistics of features by the part's name; these go before what the images would give
 * @param about what is known of the statistics; null for a file of others
 */
public record Reference(String name, ImageSource images, Map<String, Gaussian> statistics, ReferenceRecord about) {
    /** Copies the map. */
    public Reference {
        statistics = Map.copyOf(statistics);
    }

    /** Images alone. */
    public static Reference of(ImageSource images) {
        return new Reference(images.name(), images, Map.of(), null);
    }

    /** The same with the first images alone, {@code most} at most; statistics stay as they are. */
    public Reference withImages(int most) {
        return images == null || images.count() <= most
                ? this
                : new Reference(name, images.limit(most), statistics, about);
    }

    /** What was done to the images. */
    String transform() {
        return about != null
                ? about.transform()
                : images == null ? "unknown" : images.origin().transform();
    }

    /** How many images the statistics or figures are of; null if nobody knows. */
    Integer count(String part) {
        if (part != null && statistics.containsKey(part)) {
            return about == null ? null : Integer.valueOf(about.count());
        }
        return images == null ? null : Integer.valueOf(images.count());
    }

    /**
     * Fails unless a metric can be computed against this reference.
     *
     * @param network gives the features of the metric; null if it has none
     * @throws IllegalArgumentException if there are neither images nor statistics of that network
     */
    void require(Metric metric, FeatureNetwork network) {
        String part = EvaluationNetworks.partOf(metric);
        if (part == null || !statistics.containsKey(part)) {
            requireImages(metric);
            return;
        }
        FeatureSpec spec = network.spec();
        int width = statistics.get(part).width();
        if (width != spec.width(part)) {
            throw new IllegalArgumentException(name + ": expected statistics of " + spec.width(part) + " features ("
                    + spec.network() + ", " + part + ") for " + metric.label() + ", got " + width);
        }
        if (about != null
                && about.features().stream().noneMatch(other -> other.hash().equals(spec.hash()))) {
            throw new IllegalArgumentException(name + ": expected statistics of " + describe(spec) + " for "
                    + metric.label() + ", got those of "
                    + about.features().stream().map(Reference::describe).collect(Collectors.joining(", "))
                    + "; build the reference anew with ./dsr reference build");
        }
    }

    private static String describe(FeatureSpec spec) {
        return spec.network() + " at " + spec.inputSize() + " px, "
                + spec.hash().substring(0, 12);
    }

    ImageSource requireImages(Metric metric) {
        if (images == null) {
            throw new IllegalArgumentException(name + ": expected images for " + metric.label()
                    + ", got statistics alone; give the images, or a file with arr_0");
        }
        return images;
    }
}
