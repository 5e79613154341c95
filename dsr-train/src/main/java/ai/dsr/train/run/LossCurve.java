// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.train.loop.MetricsLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The loss of a run as a picture. */
public final class LossCurve {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 500;

    private LossCurve() {}

    /**
     * Draws the losses of {@code metrics.jsonl} over steps.
     *
     * @throws IllegalArgumentException if the run has no metrics yet
     */
    public static void write(Path runFolder, Path png) {
        List<JsonNode> lines = new MetricsLog(runFolder)
                .read().stream().filter(line -> line.has("loss")).toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(runFolder + ": expected metrics.jsonl with at least one line, got none");
        }
        double[] steps =
                lines.stream().mapToDouble(line -> line.path("step").asDouble()).toArray();
        double[] losses =
                lines.stream().mapToDouble(line -> line.path("loss").asDouble()).toArray();
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title("Training loss")
                .xAxisTitle("step")
                .yAxisTitle("mean loss of the interval")
                .build();
        chart.getStyler().setLegendVisible(false);
        chart.addSeries("loss", steps, losses).setMarker(SeriesMarkers.CIRCLE);
        ImageCodec.writePng(png, RgbImage.of(BitmapEncoder.getBufferedImage(chart)));
    }
}
