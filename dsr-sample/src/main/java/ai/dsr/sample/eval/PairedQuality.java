// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.config.Metric;
import ai.dsr.sample.images.ImageQuality;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.sample.images.Images;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Measures between sample i and reference image i, averaged so that the order of the pairs does not matter. */
final class PairedQuality {
    private PairedQuality() {}

    /**
     * The mean of each metric over all pairs.
     *
     * @throws IllegalArgumentException if there are not as many samples as reference images, or two differ in size
     */
    static Map<Metric, Double> of(
            ImageSource samples, ImageSource reference, Set<Metric> metrics, NDManager manager, Progress progress) {
        if (samples.count() != reference.count()) {
            throw new IllegalArgumentException("pairs: expected as many samples as reference images ("
                    + reference.count() + "), got " + samples.count());
        }
        Map<Metric, double[]> values = new EnumMap<>(Metric.class);
        metrics.stream().filter(Metric::isPaired).forEach(metric -> values.put(metric, new double[samples.count()]));
        try (ImageSource.Cursor first = samples.open();
                ImageSource.Cursor second = reference.open()) {
            for (int i = 0; i < samples.count(); i++) {
                RgbImage sample = first.next();
                RgbImage original = second.next();
                if (sample.width() != original.width() || sample.height() != original.height()) {
                    throw new IllegalArgumentException("pair " + i + ": expected images of one size, got "
                            + sample.width() + "x" + sample.height() + " and " + original.width() + "x"
                            + original.height());
                }
                try (NDManager scope = manager.newSubManager()) {
                    NDArray x = Images.toTensor(scope, List.of(sample));
                    NDArray y = Images.toTensor(scope, List.of(original));
                    int pair = i;
                    values.forEach((metric, all) -> all[pair] = measure(metric, x, y));
                }
                progress.step(1);
            }
        }
        Map<Metric, Double> means = new EnumMap<>(Metric.class);
        values.forEach((metric, all) -> means.put(metric, mean(all)));
        return means;
    }

    private static double measure(Metric metric, NDArray sample, NDArray original) {
        return switch (metric) {
            case PSNR -> ImageQuality.psnrEach(sample, original)[0];
            case SSIM -> ImageQuality.ssimEach(sample, original, false)[0];
            case L1 -> ImageQuality.l1Each(sample, original)[0];
            default -> throw new IllegalArgumentException(metric.label() + ": expected a measure of pairs");
        };
    }

    /** Sums from the smallest up: the same bits in every order. */
    private static double mean(double... values) {
        Arrays.sort(values);
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }
}
