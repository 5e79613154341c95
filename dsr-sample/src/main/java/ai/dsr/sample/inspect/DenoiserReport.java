// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.core.image.Crop;
import ai.dsr.core.image.RgbImage;
import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The page of a denoiser's inspection: the second stage of the paper made visible, by block and noise level. */
final class DenoiserReport {
    private static final int SHOWN = 6;
    private static final int THUMBNAIL = 152; // twice the size on the page

    /** From data to noise. */
    private static final Color[] COLORS = {
        new Color(0x35b779), new Color(0x26828e), new Color(0x31688e), new Color(0x6a4c93), new Color(0xd1495b)
    };

    private final DenoiserFindings found;
    private final List<TokenProfile> profiles;

    /** A page about findings and the profile of each level. */
    DenoiserReport(DenoiserFindings found, List<TokenProfile> profiles) {
        this.found = found;
        this.profiles = profiles;
    }

    HtmlReport page(InspectedImages images, String command) {
        HtmlReport report = new HtmlReport("Outlier tokens of " + found.model(), lead());
        report.add(new HtmlReport.Section("summary", "Summary", summary()));
        report.add(new HtmlReport.Section("matrix", "By block and noise level", matrices()));
        report.add(new HtmlReport.Section(
                "blocks",
                "Through the blocks",
                "<p>Largest norm of an image token over the median of its image, mean of the images; a line a noise"
                        + " level.</p>" + chart("largest norm / median", LayerStatistics::meanRatio)
                        + "<p>Median norm of the image tokens.</p>"
                        + chart("median norm", LayerStatistics::median)
                        + (found.registers() == 0
                                ? ""
                                : "<p>Share of the image tokens' attention that goes to the " + found.registers()
                                        + " diffusion registers; they are " + ProfileSections.percent(evenShare())
                                        + " of the tokens.</p>"
                                        + chart(
                                                "% of attention",
                                                s -> 100 * s.attention().registers()))));
        int level = found.mostExtremeLevel();
        report.add(new HtmlReport.Section("maps", "Norm maps at t = " + t(level), maps(images, level)));
        report.add(new HtmlReport.Section("table", "All numbers", tables()));
        report.add(new HtmlReport.Section(
                "again",
                "How to get this page again",
                "<pre>" + HtmlReport.escape(command) + "</pre><p class=\"note\">Denoiser SHA-256 " + found.sha256()
                        + "</p>"));
        return report;
    }

    private String lead() {
        return "<p class=\"lead\">" + HtmlReport.escape(found.source()) + " on latents of " + found.imageCount()
                + " images (" + HtmlReport.escape(found.images()) + ", " + found.imageSize() + " px, "
                + found.gridSide() + " x " + found.gridSide() + " tokens), noised to "
                + found.levels().size() + " levels; t = 0 is data, t = 1 noise. The model was told "
                + (found.condition().equals(DenoiserFindings.CLASSES) ? "the classes" : "nothing")
                + ". An image token is an outlier if its "
                + HtmlReport.escape(found.rule().toString()) + ".</p>";
    }

    private String summary() {
        DenoiserFindings.Extreme ratio = found.largest(LayerStatistics::maxRatio);
        DenoiserFindings.Extreme rate = found.largest(LayerStatistics::outlierRate);
        DenoiserFindings.Extreme toOutliers = found.largest(s -> s.attention().outliers());
        DenoiserFindings.Extreme toRegisters = found.largest(s -> s.attention().registers());
        String verdict = found.outlierRate() == 0
                ? "<b>No outlier tokens</b> by this rule in any block at any of these levels."
                : "<b>Outlier tokens</b>: most in " + place(rate) + ", the largest in " + place(ratio) + ".";
        StringBuilder html = new StringBuilder("<p>" + verdict + "</p><div class=\"cards\">");
        card(html, ProfileCharts.number(ratio.value()), "largest norm over median, " + place(ratio));
        card(html, ProfileSections.percent(rate.value()), "of image tokens are outliers, " + place(rate));
        card(html, ProfileSections.percent(toOutliers.value()), "of attention to outliers, " + place(toOutliers));
        card(
                html,
                found.registers() == 0 ? "none" : ProfileSections.percent(toRegisters.value()),
                found.registers() == 0 ? "diffusion registers" : "of attention to registers, " + place(toRegisters));
        return html.append("</div>").toString();
    }

    /** What the registers would get if attention were even. */
    private double evenShare() {
        return (double) found.registers() / (found.registers() + found.gridSide() * found.gridSide());
    }

    private String place(DenoiserFindings.Extreme extreme) {
        return found.levels().get(extreme.level()).blocks().get(extreme.block()).layer() + " at t = "
                + t(extreme.level());
    }

    private static void card(StringBuilder html, String value, String label) {
        html.append("<div class=\"card\"><b>" + value + "</b><span>" + label + "</span></div>");
    }

    private String matrices() {
        StringBuilder html = new StringBuilder("<p>Rows are noise levels from data to noise, columns blocks.</p>");
        matrix(html, "Largest norm over median, most extreme image", LayerStatistics::maxRatio, ProfileCharts::number);
        matrix(html, "Outliers among image tokens", LayerStatistics::outlierRate, ProfileSections::percent);
        matrix(
                html,
                "Attention of image tokens to outliers of the block's input",
                s -> s.attention().outliers(),
                ProfileSections::percent);
        if (found.registers() > 0) {
            matrix(
                    html,
                    "Attention of image tokens to registers",
                    s -> s.attention().registers(),
                    ProfileSections::percent);
        }
        if (found.largest(s -> s.attention().sinks()).value() > 0) {
            matrix(
                    html,
                    "Attention of image tokens to sinks",
                    s -> s.attention().sinks(),
                    ProfileSections::percent);
        }
        return html.toString();
    }

    private void matrix(
            StringBuilder html, String title, ToDoubleFunction<LayerStatistics> figure, DoubleFunction<String> format) {
        double most = found.largest(figure).value();
        html.append("<h3>" + title + "</h3><div class=\"scroll\"><table class=\"matrix\"><tr><th>t</th>");
        profiles.get(0)
                .layers()
                .forEach(name -> html.append("<th>" + HtmlReport.escape(name.replaceFirst("^block ", "")) + "</th>"));
        html.append("</tr>\n");
        for (int level = 0; level < profiles.size(); level++) {
            html.append("<tr><td>" + t(level) + "</td>");
            for (LayerStatistics s : found.levels().get(level).blocks()) {
                double value = figure.applyAsDouble(s);
                double shade = most > 0 ? 0.85 * Math.max(0, value) / most : 0;
                html.append(String.format(
                        Locale.ROOT,
                        "<td style=\"background:rgba(209,73,91,%.3f)\">%s</td>",
                        shade,
                        format.apply(value)));
            }
            html.append("</tr>\n");
        }
        html.append("</table></div>");
    }

    private String chart(String yTitle, ToDoubleFunction<LayerStatistics> figure) {
        List<ProfileCharts.Line> lines = new ArrayList<>();
        List<List<LayerStatistics>> layers = new ArrayList<>();
        for (int level = 0; level < profiles.size(); level++) {
            int color = profiles.size() == 1 ? 0 : level * (COLORS.length - 1) / (profiles.size() - 1);
            lines.add(new ProfileCharts.Line("t = " + t(level), COLORS[color], false, figure));
            layers.add(found.levels().get(level).blocks());
        }
        return HtmlReport.image(ProfileCharts.byLayer(yTitle, false, lines, layers), "chart", yTitle + " by block");
    }

    private String maps(InspectedImages images, int level) {
        TokenProfile profile = profiles.get(level);
        int block = found.largest(LayerStatistics::maxRatio).block();
        List<Integer> shown = profile.mostExtreme(block, SHOWN);
        List<RgbImage> pictures = shown.stream()
                .map(image -> Crop.center(images.image(image), THUMBNAIL))
                .toList();
        List<String> names = shown.stream().map(images::name).toList();
        return "<p>The images of the largest norms over their medians in "
                + HtmlReport.escape(profile.layers().get(block))
                + ", most extreme first. Each column has one scale, <span class=\"scale\"></span> from its 5% to its 99%"
                + " norm;<span class=\"mark\"></span>outliers. The pictures are what the latents were encoded from.</p>"
                + new ProfileSections(profile, null).maps(shown, pictures, names);
    }

    private String tables() {
        StringBuilder html = new StringBuilder();
        IntStream.range(0, profiles.size())
                .forEach(level -> html.append("<details" + (level == 0 ? " open" : "") + "><summary>t = " + t(level)
                        + "</summary>" + new ProfileSections(profiles.get(level), null).table(-1) + "</details>"));
        return html.toString();
    }

    private String t(int level) {
        return String.format(Locale.ROOT, "%.2f", found.levels().get(level).t());
    }
}
