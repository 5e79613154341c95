// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An HTML page of sections that needs no other file and no network: styles are inside, pictures are data URIs. */
public final class HtmlReport {
    private static final String STYLE = "report.css";

    private final String title;
    private final String lead;
    private final List<Section> sections = new ArrayList<>();

    /**
     * A part of the page with an entry in its list of contents.
     *
     * @param id anchor, letters and dashes
     * @param title plain text
     * @param body HTML
     */
    public record Section(String id, String title, String body) {}

    /**
     * An empty page.
     *
     * @param title plain text
     * @param lead HTML below it
     */
    public HtmlReport(String title, String lead) {
        this.title = title;
        this.lead = lead;
    }

    /** Appends a section. */
    public HtmlReport add(Section section) {
        sections.add(section);
        return this;
    }

    /** The page. */
    public String render() {
        StringBuilder html = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>")
                .append(escape(title))
                .append("</title>\n<style>")
                .append(style())
                .append("</style></head>\n<body><header><h1>")
                .append(escape(title))
                .append("</h1>")
                .append(lead)
                .append("<nav>");
        sections.forEach(s -> html.append("<a href=\"#" + s.id() + "\">" + escape(s.title()) + "</a>"));
        html.append("</nav></header>\n<main>");
        sections.forEach(s -> html.append("<section id=\"" + s.id() + "\"><h2>" + escape(s.title()) + "</h2>\n")
                .append(s.body())
                .append("</section>\n"));
        return html.append("</main></body></html>\n").toString();
    }

    /** Writes the page, atomically. */
    public void write(Path file) {
        AtomicFiles.writeString(file, render());
    }

    /** Plain text for HTML. */
    public static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** An image element with the picture inside. */
    public static String image(RgbImage image, String cssClass, String alt) {
        return "<img class=\"" + cssClass + "\" alt=\"" + escape(alt) + "\" title=\"" + escape(alt)
                + "\" src=\"data:image/png;base64,"
                + Base64.getEncoder().encodeToString(ImageCodec.encodePng(image)) + "\">";
    }

    private static String style() {
        try (InputStream stream = HtmlReport.class.getResourceAsStream(STYLE)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(STYLE + ": cannot be read", e);
        }
    }
}
