// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.train.loop.MetricsLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The metrics of a run over its steps, as pictures. */
public final class Curves {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 300;
    private static final double SMALL = 0.01; // below it, decimals need an exponent
    private static final Set<String> NO_CURVE = Set.of("step", "images", "seconds", "peak_mb");

    private static final List<String> FIRST =
            List.of("loss", "lr", "grad_norm", "images_per_second", "rss_mb", "heap_mb");

    private static final Map<String, String> TITLES = Map.ofEntries(
            Map.entry("loss", "Training loss (mean of the interval)"),
            Map.entry("lr", "Learning rate"),
            Map.entry("grad_norm", "Gradient norm before clipping"),
            Map.entry("images_per_second", "Images per second"),
            Map.entry("rss_mb", "Resident memory, MiB"),
            Map.entry("heap_mb", "Java heap, MiB"),
            Map.entry("token_max_ratio", "Largest norm of an image token over the median"),
            Map.entry("token_outlier_rate", "Share of outlier tokens"),
            Map.entry("outlier_attention", "Share of attention to outlier tokens"),
            Map.entry("register_attention", "Share of attention to registers"),
            Map.entry("l1", "Mean absolute error"),
            Map.entry("lpips", "Perceptual distance (LPIPS)"),
            Map.entry("gan", "Adversarial loss of the decoder"),
            Map.entry("adaptive_weight", "Adaptive weight of the adversarial loss"),
            Map.entry("disc_loss", "Discriminator: loss"),
            Map.entry("disc_accuracy", "Discriminator: share of patches whose real image scores higher"),
            Map.entry("disc_lr", "Discriminator: learning rate"),
            Map.entry("disc_grad_norm", "Discriminator: gradient norm"),
            Map.entry("logits_real", "Discriminator: mean logit of real images"),
            Map.entry("logits_fake", "Discriminator: mean logit of reconstructions"));

    private Curves() {}

    /**
     * Draws the losses of {@code metrics.jsonl}.
     *
     * @throws IllegalArgumentException if the run has no metrics yet
     */
    public static void writeLoss(Path runFolder, Path png) {
        Map<String, RgbImage> curves = of(new MetricsLog(runFolder).read());
        if (!curves.containsKey("loss")) {
            throw new IllegalArgumentException(runFolder + ": expected metrics.jsonl with at least one loss, got none");
        }
        ImageCodec.writePng(png, curves.get("loss"));
    }

    /** A picture of each number that the lines have, in their order. */
    static Map<String, RgbImage> of(List<JsonNode> lines) {
        Map<String, Series> all = new LinkedHashMap<>();
        FIRST.forEach(name -> all.put(name, new Series()));
        for (JsonNode line : lines) {
            line.fields().forEachRemaining(field -> {
                if (field.getValue().isNumber() && isCurve(field.getKey())) {
                    all.computeIfAbsent(field.getKey(), unused -> new Series())
                            .add(line.path("step").asDouble(), field.getValue().asDouble());
                }
            });
        }
        Map<String, RgbImage> pictures = new LinkedHashMap<>();
        all.forEach((name, series) -> {
            if (series.size() > 0) {
                pictures.put(name, draw(TITLES.getOrDefault(name, name), series));
            }
        });
        return pictures;
    }

    /** What the memory is made of hardly changes, and stands in a table. */
    private static boolean isCurve(String name) {
        return !NO_CURVE.contains(name) && !name.startsWith("memory_");
    }

    private static RgbImage draw(String title, Series series) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("step")
                .theme(Styler.ChartTheme.Matlab)
                .build();
        chart.getStyler().setLegendVisible(false);
        double largest = series.largest();
        if (largest > 0 && largest < SMALL) {
            chart.getStyler().setYAxisDecimalPattern("0.0E0");
        }
        chart.addSeries("values", series.steps(), series.values())
                .setMarker(series.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        return RgbImage.of(BitmapEncoder.getBufferedImage(chart));
    }

    /** Finite values over steps: a chart has no place for others. */
    private static final class Series {
        private final List<double[]> points = new ArrayList<>();

        void add(double step, double value) {
            if (Double.isFinite(value)) {
                points.add(new double[] {step, value});
            }
        }

        int size() {
            return points.size();
        }

        double largest() {
            return points.stream()
                    .mapToDouble(point -> Math.abs(point[1]))
                    .max()
                    .orElse(0);
        }

        double[] steps() {
            return points.stream().mapToDouble(point -> point[0]).toArray();
        }

        double[] values() {
            return points.stream().mapToDouble(point -> point[1]).toArray();
        }
    }
}
