// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.core.image.RgbImage;
import ai.dsr.encoders.register.SortedNorms;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Charts of a profile: values by layer as pictures, histograms as small inline drawings. */
final class ProfileCharts {
    private static final int WIDTH = 1240; // twice the size on the page, so that text stays sharp
    private static final int HEIGHT = 620;
    private static final int BINS = 60;
    private static final int CELL = 5;
    private static final int CHART_HEIGHT = 90;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 22);

    private ProfileCharts() {}

    /** A line: its name, its colour, dashed or not, and a value for each layer. */
    record Line(String name, Color color, boolean isDashed, ToDoubleFunction<LayerStatistics> value) {}

    /** A chart of lines over layers, each over its own list of statistics; logarithmic for values above 0 only. */
    static RgbImage byLayer(
            String yTitle, boolean isLogarithmic, List<Line> lines, List<List<LayerStatistics>> layers) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle("block")
                .yAxisTitle(yTitle)
                .build();
        chart.getStyler()
                .setLegendPosition(LegendPosition.OutsideE)
                .setLegendFont(FONT)
                .setLegendBorderColor(Color.WHITE)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false);
        chart.getStyler()
                .setYAxisLogarithmic(isLogarithmic)
                .setAxisTickLabelsFont(FONT)
                .setAxisTitleFont(FONT)
                .setPlotGridLinesColor(new Color(0xe4e7ec))
                .setLocale(Locale.ROOT);
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            List<LayerStatistics> points = layers.get(i);
            double[] x = IntStream.range(0, points.size()).mapToDouble(n -> n).toArray();
            double[] y = points.stream().mapToDouble(line.value()).toArray();
            XYSeries series = chart.addSeries(line.name(), x, y);
            series.setMarker(SeriesMarkers.NONE);
            series.setLineColor(line.color());
            float[] dash = line.isDashed() ? new float[] {10, 8} : null;
            series.setLineStyle(new BasicStroke(4, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, dash, 0));
        }
        return RgbImage.of(BitmapEncoder.getBufferedImage(chart));
    }

    /** A histogram with counts on a logarithmic scale, so that single outliers are seen; {@code after} may be null. */
    static String histogram(SortedNorms before, SortedNorms after) {
        double from = after == null ? before.min() : Math.min(before.min(), after.min());
        double to = after == null ? before.max() : Math.max(before.max(), after.max());
        to = to > from ? to : from + 1;
        StringBuilder svg = new StringBuilder("<svg class=\"histogram\" viewBox=\"0 0 " + BINS * CELL + " "
                + (CHART_HEIGHT + 14) + "\" role=\"img\">");
        bars(svg, before, from, to, "before");
        if (after != null) {
            bars(svg, after, from, to, "after");
        }
        int y = CHART_HEIGHT + 12;
        svg.append("<text x=\"0\" y=\"" + y + "\">" + number(from) + "</text>")
                .append("<text x=\"" + BINS * CELL + "\" y=\"" + y + "\" text-anchor=\"end\">" + number(to)
                        + "</text>");
        double median = (before.median() - from) / (to - from) * BINS * CELL;
        svg.append(String.format(
                Locale.ROOT, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%d\"/>", median, median, CHART_HEIGHT));
        return svg.append("</svg>").toString();
    }

    private static void bars(StringBuilder svg, SortedNorms norms, double from, double to, String cssClass) {
        int[] counts = norms.histogram(from, to, BINS);
        double highest = Math.log1p(norms.count());
        for (int bin = 0; bin < BINS; bin++) {
            if (counts[bin] > 0) {
                double height = Math.max(2, Math.log1p(counts[bin]) / highest * CHART_HEIGHT);
                svg.append(String.format(
                        Locale.ROOT,
                        "<rect class=\"%s\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
                        cssClass,
                        bin * CELL,
                        CHART_HEIGHT - height,
                        CELL - 1,
                        height));
            }
        }
    }

    /** A number with three digits or so. */
    static String number(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }
}
