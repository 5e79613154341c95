// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.core.image.RgbImage;
import ai.dsr.encoders.register.SortedNorms;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The sections that any profile has: table by layer, norms and attention by layer, histograms, maps. With a second
 * profile of the same layers and images they compare the two.
 */
public final class ProfileSections {
    private static final Color BEFORE = new Color(0x31688e);
    private static final Color AFTER = new Color(0xd1495b);
    private static final Color PALE = new Color(0x8fb0c8);

    private final TokenProfile before;
    private final TokenProfile after;
    private final List<LayerStatistics> statistics;
    private final List<LayerStatistics> statisticsAfter;

    /**
     * Sections about a profile.
     *
     * @param after the profile to compare with, or null
     */
    public ProfileSections(TokenProfile before, TokenProfile after) {
        this.before = before;
        this.after = after;
        statistics = before.statistics();
        statisticsAfter = after == null ? null : after.statistics();
    }

    /** A row a layer: quantiles, ratios, outliers, attention; {@code detectLayer} is highlighted. */
    public String table(int detectLayer) {
        StringBuilder html = new StringBuilder(
                "<div class=\"scroll\"><table><tr><th>layer</th><th>median</th><th>5%</th>"
                        + "<th>95%</th><th>99%</th><th>max</th><th>max / median, mean</th><th>largest</th><th>outliers</th>"
                        + "<th>images with</th><th>attn. to outliers</th><th>to registers</th><th>to class token</th></tr>\n");
        for (int i = 0; i < statistics.size(); i++) {
            row(html, statistics.get(i), i == detectLayer, "");
            if (statisticsAfter != null) {
                row(html, statisticsAfter.get(i), i == detectLayer, "with plan");
            }
        }
        return html.append("</table></div>").toString();
    }

    private static void row(StringBuilder html, LayerStatistics s, boolean isDetect, String suffix) {
        html.append(isDetect ? "<tr class=\"detect\">" : "<tr>");
        cell(html, suffix.isEmpty() ? HtmlReport.escape(s.layer()) : "<em>&nbsp;&nbsp;" + suffix + "</em>");
        for (double value :
                new double[] {s.median(), s.p05(), s.p95(), s.p99(), s.max(), s.meanRatio(), s.maxRatio()}) {
            cell(html, ProfileCharts.number(value));
        }
        cell(html, percent(s.outlierRate()));
        cell(html, percent(s.imageRate()));
        AttentionMass a = s.attention();
        cell(html, a == null ? "" : percent(a.outliers()));
        cell(html, a == null ? "" : percent(a.registers()));
        cell(html, a == null ? "" : percent(a.classToken()));
        html.append("</tr>\n");
    }

    private static void cell(StringBuilder html, String content) {
        html.append("<td>").append(content).append("</td>");
    }

    /** Median, 99% and maximum over layers. */
    public String norms() {
        List<ProfileCharts.Line> lines = new ArrayList<>();
        List<List<LayerStatistics>> layers = new ArrayList<>();
        add(lines, layers, "largest", BEFORE, AFTER, LayerStatistics::max);
        add(lines, layers, "99%", PALE, null, LayerStatistics::p99);
        add(lines, layers, "median", Color.GRAY, null, LayerStatistics::median);
        return HtmlReport.image(
                ProfileCharts.byLayer("token norm", true, lines, layers), "chart", "token norms by layer");
    }

    /** Largest norm over the median of an image, over layers: 1 is flat, outliers stand far above. */
    public String ratios() {
        List<ProfileCharts.Line> lines = new ArrayList<>();
        List<List<LayerStatistics>> layers = new ArrayList<>();
        add(lines, layers, "most extreme image", BEFORE, AFTER, LayerStatistics::maxRatio);
        add(lines, layers, "mean of images", PALE, new Color(0xe9a3ac), LayerStatistics::meanRatio);
        return HtmlReport.image(
                ProfileCharts.byLayer("largest norm / median", false, lines, layers), "chart", "norm ratios by layer");
    }

    /** Attention of patches to outliers, registers and class token over layers; empty if it was not measured. */
    public String attention() {
        if (statistics.stream().anyMatch(s -> s.attention() == null)) {
            return "";
        }
        List<ProfileCharts.Line> lines = new ArrayList<>();
        List<List<LayerStatistics>> layers = new ArrayList<>();
        add(
                lines,
                layers,
                "class token",
                Color.GRAY,
                new Color(0xb0b0b0),
                s -> 100 * s.attention().classToken());
        add(lines, layers, "outliers", BEFORE, AFTER, s -> 100 * s.attention().outliers());
        if (hasRegisters(statistics) || (statisticsAfter != null && hasRegisters(statisticsAfter))) {
            Color green = new Color(0x35b779);
            add(
                    lines,
                    layers,
                    "registers",
                    green,
                    green.darker(),
                    s -> 100 * s.attention().registers());
        }
        return HtmlReport.image(
                ProfileCharts.byLayer("% of attention", false, lines, layers),
                "chart",
                "attention of patches by layer");
    }

    private static boolean hasRegisters(List<LayerStatistics> layers) {
        return layers.stream().anyMatch(s -> s.attention().registers() > 0);
    }

    private void add(
            List<ProfileCharts.Line> lines,
            List<List<LayerStatistics>> layers,
            String name,
            Color color,
            Color colorAfter,
            ToDoubleFunction<LayerStatistics> value) {
        lines.add(new ProfileCharts.Line(name, color, false, value));
        layers.add(statistics);
        if (statisticsAfter != null && colorAfter != null) {
            lines.add(new ProfileCharts.Line(name + ", with plan", colorAfter, true, value));
            layers.add(statisticsAfter);
        }
    }

    /** A histogram a layer. */
    public String histograms() {
        StringBuilder html = new StringBuilder("<div class=\"histograms\">");
        for (int i = 0; i < statistics.size(); i++) {
            SortedNorms other = after == null ? null : after.sorted(i);
            html.append("<div><h3>" + HtmlReport.escape(statistics.get(i).layer()) + "</h3>")
                    .append(ProfileCharts.histogram(before.sorted(i), other))
                    .append("</div>");
        }
        return html.append("</div>").toString();
    }

    /**
     * Maps of norms over pictures, a column a layer; outliers are red. With a second profile each picture has two rows.
     *
     * @param shown images to show
     * @param pictures of these images, in the same order
     * @param names of these images
     */
    public String maps(List<Integer> shown, List<RgbImage> pictures, List<String> names) {
        StringBuilder html = new StringBuilder("<div class=\"scroll\"><table class=\"maps\"><tr><th></th><th></th>");
        statistics.forEach(s -> html.append("<th>" + HtmlReport.escape(s.layer()) + "</th>"));
        html.append("</tr>\n");
        for (int i = 0; i < shown.size(); i++) {
            String picture = "<td>" + HtmlReport.image(pictures.get(i), "picture", names.get(i)) + "</td>";
            String name = "<td class=\"name\">" + HtmlReport.escape(names.get(i)) + "</td>";
            html.append("<tr>" + name + picture);
            maps(html, before, shown.get(i));
            html.append("</tr>\n");
            if (after != null) {
                html.append("<tr><td class=\"name\">with plan</td><td></td>");
                maps(html, after, shown.get(i));
                html.append("</tr>\n");
            }
        }
        return html.append("</table></div>").toString();
    }

    private void maps(StringBuilder html, TokenProfile profile, int image) {
        for (int layer = 0; layer < statistics.size(); layer++) {
            LayerStatistics s = statistics.get(layer);
            RgbImage map = HeatMap.of(
                    profile.norms(layer, image),
                    profile.height(),
                    profile.width(),
                    s.p05(),
                    s.p99(),
                    profile.outliers(layer, image));
            String alt = s.layer() + ": max / median " + ProfileCharts.number(profile.ratio(layer, image));
            html.append("<td>" + HtmlReport.image(map, "map", alt) + "</td>");
        }
    }

    /** Where on the grid a layer has outliers, and its mean norms. */
    public String positions(int layer) {
        int[] counts = before.outlierCounts(layer);
        float[] shares = new float[counts.length];
        float[] means = new float[counts.length];
        for (int i = 0; i < counts.length; i++) {
            shares[i] = (float) counts[i] / before.imageCount();
        }
        for (int image = 0; image < before.imageCount(); image++) {
            float[] norms = before.norms(layer, image);
            IntStream.range(0, means.length).forEach(i -> means[i] += norms[i] / before.imageCount());
        }
        double most = IntStream.of(counts).max().orElse(0) / (double) before.imageCount();
        SortedNorms sorted = new SortedNorms(means);
        return "<div class=\"cards\"><div><h3>Mean norm by place</h3>"
                + HtmlReport.image(
                        HeatMap.of(means, before.height(), before.width(), sorted.min(), sorted.max(), null),
                        "large",
                        "mean norm")
                + scale(sorted.min(), sorted.max(), "")
                + "</div><div><h3>Share of images with an outlier there</h3>"
                + HtmlReport.image(
                        HeatMap.of(shares, before.height(), before.width(), 0, most, null), "large", "outlier share")
                + scale(0, 100 * most, "%")
                + "</div></div>";
    }

    private static String scale(double low, double high, String unit) {
        return "<p class=\"note\">" + ProfileCharts.number(low) + unit + "<span class=\"scale\"></span>"
                + ProfileCharts.number(high) + unit + "</p>";
    }

    /** A share as a percentage with digits that fit its size; a true zero is plain. */
    static String percent(double share) {
        double percent = 100 * share;
        return share == 0
                ? "0"
                : String.format(Locale.ROOT, percent >= 10 ? "%.1f%%" : percent >= 0.1 ? "%.2f%%" : "%.3f%%", percent);
    }
}
