// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.core.image.RgbImage;
import ai.dsr.sample.inspect.FeatureSimilarity.Cosines;
import java.util.List;
import java.util.Locale;

/** The page of an encoder's inspection. */
public final class EncoderReport {
    /** Images shown as maps. */
    public static final int SHOWN = 8;

    private EncoderReport() {}

    /**
     * Builds the page.
     *
     * @param after the profile with the plan, or null
     * @param shown images whose maps are shown
     * @param pictures these images
     * @param names of these images
     * @param command how to get this page again
     */
    public static HtmlReport of(
            Inspection found,
            TokenProfile before,
            TokenProfile after,
            List<Integer> shown,
            List<RgbImage> pictures,
            List<String> names,
            String command) {
        ProfileSections sections = new ProfileSections(before, after);
        HtmlReport report = new HtmlReport("Outlier tokens of " + found.encoder(), lead(found));
        report.add(new HtmlReport.Section("summary", "Summary", summary(found)));
        report.add(new HtmlReport.Section(
                "layers",
                "Norms by layer",
                "<p>Euclidean norms of patch tokens at the output of each block, before the final norm.</p>"
                        + sections.norms() + sections.ratios()));
        report.add(
                new HtmlReport.Section("maps", "Norm maps", mapsIntro(found) + sections.maps(shown, pictures, names)));
        report.add(new HtmlReport.Section(
                "histograms",
                "Histograms",
                "<p>Norms of all patches of all images; counts are logarithmic, so that a single outlier is seen. The dashed"
                        + " line is the median." + legend(after) + "</p>" + sections.histograms()));
        report.add(new HtmlReport.Section(
                "attention",
                "Attention",
                "<p>Where patches look: mean share over heads, patches and the first "
                        + Math.min(EncoderProbe.ATTENTION_IMAGES, found.imageCount())
                        + " images. Outliers are those of the block's input; compare their share with how many they"
                        + " are.</p>" + sections.attention()));
        report.add(new HtmlReport.Section(
                "positions", "Places in block " + found.detectLayer(), sections.positions(found.detectLayer())));
        report.add(new HtmlReport.Section("table", "All numbers", sections.table(found.detectLayer())));
        report.add(new HtmlReport.Section("again", "How to get this page again", again(found, command)));
        return report;
    }

    private static String lead(Inspection found) {
        return "<p class=\"lead\">" + HtmlReport.escape(found.source()) + " on " + found.imageCount() + " images ("
                + HtmlReport.escape(found.images()) + ", " + found.imageSize() + " px, " + found.gridHeight() + " x "
                + found.gridWidth() + " patches). A token is an outlier if its "
                + HtmlReport.escape(found.rule().toString()) + ".</p>";
    }

    private static String summary(Inspection found) {
        LayerStatistics b = found.detected();
        LayerStatistics a = found.detectedAfter();
        StringBuilder html = new StringBuilder("<p>" + verdict(b, found.detectLayer()) + "</p><div class=\"cards\">");
        card(
                html,
                number(b.maxRatio()),
                a == null ? null : number(a.maxRatio()),
                "largest norm over median of an image");
        card(html, percent(b.outlierRate()), a == null ? null : percent(a.outlierRate()), "of patches are outliers");
        card(html, percent(b.imageRate()), a == null ? null : percent(a.imageRate()), "of images have one");
        card(html, number(b.median()), a == null ? null : number(a.median()), "median norm");
        html.append("</div>");
        if (found.plan() != null) {
            html.append("<h3>The plan</h3><p>"
                    + found.plan().neurons().values().stream()
                            .mapToInt(List::size)
                            .sum()
                    + " neurons in layers "
                    + String.join(", ", found.plan().neurons().keySet()) + "; "
                    + found.plan().numRegisters() + " test-time register"
                    + (found.plan().numRegisters() == 1 ? "" : "s") + ".</p>");
            html.append("<p>Cosine of a token's feature without and with the plan: "
                    + cosines("ordinary tokens", found.similarity().ordinary())
                    + cosines("; outliers", found.similarity().outliers()) + ".</p>");
        }
        return html.toString();
    }

    private static String verdict(LayerStatistics s, int layer) {
        if (s.outlierRate() == 0) {
            return "<b>No outlier tokens</b> in block " + layer
                    + " by this rule: the largest norm of an image is at most " + number(s.maxRatio())
                    + " times its median.";
        }
        return "<b>Outlier tokens</b> in block " + layer + ": " + percent(s.outlierRate()) + " of all patches, in "
                + percent(s.imageRate()) + " of the images; norms reach " + number(s.maxRatio())
                + " times the median of their image.";
    }

    private static String cosines(String what, Cosines c) {
        return c == null
                ? ""
                : String.format(
                        Locale.ROOT, "%s mean %.4f, 1%% below %.4f, lowest %.4f", what, c.mean(), c.p01(), c.min());
    }

    private static void card(StringBuilder html, String value, String after, String label) {
        html.append("<div class=\"card\"><b>" + value + (after == null ? "" : " <em>&rarr; " + after + "</em>")
                + "</b><span>" + label + "</span></div>");
    }

    private static String mapsIntro(Inspection found) {
        return "<p>The images of block " + found.detectLayer()
                + "'s largest norms over their medians, most extreme first."
                + " Each column has one scale, <span class=\"scale\"></span> from its 5% to its 99% norm;"
                + "<span class=\"mark\"></span>outliers.</p>";
    }

    private static String legend(TokenProfile after) {
        return after == null
                ? ""
                : "<span class=\"swatch before\"></span>without<span class=\"swatch after\"></span>with the plan";
    }

    private static String again(Inspection found, String command) {
        return "<pre>" + HtmlReport.escape(command) + "</pre><p class=\"note\">Encoder SHA-256 " + found.encoderSha256()
                + (found.plan() == null ? "" : "; plan " + found.plan().digest()) + "</p>";
    }

    private static String number(double value) {
        return ProfileCharts.number(value);
    }

    private static String percent(double share) {
        return ProfileSections.percent(share);
    }
}
