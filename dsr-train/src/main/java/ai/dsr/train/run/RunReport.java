// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.train.loop.MetricsLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The file {@code report.html} of a run: what happened, what it was made of, in one page that needs no other file. */
public final class RunReport {
    /** Name of the file in the run folder. */
    public static final String FILE = "report.html";

    private static final int PREVIEWS = 12;
    private static final String STYLE =
            """
            body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 1340px; margin: 2em auto; padding: 0 1em; }
            h1 { font-size: 1.6em; } h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #ddd; }
            table { border-collapse: collapse; } th, td { text-align: left; padding: 2px 1.2em 2px 0; vertical-align: top; }
            th { font-weight: 600; } td.hash, pre { font: 13px/1.4 ui-monospace, monospace; }
            pre { background: #f6f6f6; padding: 1em; overflow: auto; } figure { display: inline-block; margin: 0 1em 1em 0; }
            figcaption { color: #666; } img { max-width: 100%; } .curves img { width: 640px; }
            """;

    private static final Pattern OWNER = Pattern.compile("memory_([a-z]+)_mb");
    private static final String TREND = "memory_trend_mb_per_1000_steps";

    private final Path run;
    private final List<JsonNode> lines;
    private final StringBuilder html = new StringBuilder();

    private RunReport(Path run) {
        this.run = run;
        lines = new MetricsLog(run).read();
    }

    /**
     * Writes the report of a run folder, finished or not.
     *
     * @return the file
     * @throws IllegalArgumentException if it is no run folder
     */
    public static Path write(Path runFolder) {
        if (!Files.isRegularFile(runFolder.resolve("config.yaml"))
                || !Files.isRegularFile(runFolder.resolve("manifest.json"))) {
            throw new IllegalArgumentException(
                    runFolder + ": expected a run folder with config.yaml and manifest.json, got something else");
        }
        Path file = runFolder.resolve(FILE);
        AtomicFiles.writeString(file, new RunReport(runFolder).page());
        return file;
    }

    private String page() {
        String title = "Run " + run.toAbsolutePath().normalize().getFileName();
        html.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escape(title))
                .append("</title>\n<style>\n")
                .append(STYLE)
                .append("</style></head><body>\n<h1>")
                .append(escape(title))
                .append("</h1>\n");
        table(summary(), false);
        curves();
        previews();
        badSteps();
        BundleManifest manifest = Json.read(run.resolve("manifest.json"), BundleManifest.class);
        heading("What went in (SHA-256)");
        table(manifest.inputs(), true);
        heading("Environment");
        table(manifest.environment(), false);
        heading("Configuration");
        html.append("<pre>").append(escape(text(run.resolve("config.yaml")))).append("</pre>\n");
        return html.append("</body></html>\n").toString();
    }

    private Map<String, String> summary() {
        Map<String, String> rows = new LinkedHashMap<>();
        List<JsonNode> steps = lines.stream().filter(line -> line.has("loss")).toList();
        if (steps.isEmpty()) {
            rows.put("Steps", "none logged yet");
            return rows;
        }
        JsonNode last = steps.get(steps.size() - 1);
        double seconds = steps.stream()
                .mapToDouble(line -> line.path("seconds").asDouble())
                .sum();
        rows.put("Steps", last.path("step").asText());
        rows.put("Images seen", last.path("images").asText());
        rows.put("Last mean loss", number("%.5f", last.path("loss").asDouble()));
        rows.put("Lowest mean loss", number("%.5f", min(steps)));
        rows.put("Time in training steps", duration(seconds));
        rows.put(
                "Mean step",
                number("%.1f ms", 1e3 * seconds / Math.max(1, last.path("step").asLong())));
        rows.put("Images per second, median", number("%.1f", median(steps, "images_per_second")));
        rows.put("Largest resident memory", number("%.0f MiB", max(steps, "peak_mb")));
        last.fields().forEachRemaining(field -> {
            Matcher owner = OWNER.matcher(field.getKey());
            if (owner.matches()) {
                rows.put("Memory of " + owner.group(1), field.getValue().asText() + " MiB");
            }
        });
        if (last.has(TREND)) {
            rows.put("Trend of the memory", last.path(TREND).asText() + " MiB in 1000 steps");
        }
        return rows;
    }

    private static double min(List<JsonNode> steps) {
        return steps.stream()
                .mapToDouble(line -> line.path("loss").asDouble())
                .min()
                .orElse(Double.NaN);
    }

    private static double max(List<JsonNode> steps, String key) {
        return steps.stream()
                .mapToDouble(line -> line.path(key).asDouble())
                .max()
                .orElse(Double.NaN);
    }

    private static double median(List<JsonNode> steps, String key) {
        double[] values =
                steps.stream().mapToDouble(line -> line.path(key).asDouble()).toArray();
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static String duration(double seconds) {
        Duration time = Duration.ofSeconds(Math.round(seconds));
        return String.format(Locale.ROOT, "%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }

    private void curves() {
        heading("Curves");
        html.append("<div class=\"curves\">");
        Curves.of(lines).forEach((name, picture) -> figure(ImageCodec.encodePng(picture), name, null));
        html.append("</div>\n");
    }

    /** The newest and some before it, evenly spaced. */
    private void previews() {
        Path folder = run.resolve("samples");
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> all = pictures(folder);
        if (!all.isEmpty()) {
            heading("Previews");
        }
        int shown = Math.min(PREVIEWS, all.size());
        for (int i = 1; i <= shown; i++) {
            Path file = all.get((int) ((long) i * all.size() / shown) - 1);
            figure(
                    bytes(file),
                    file.getFileName().toString(),
                    file.getFileName().toString().replace(".png", ""));
        }
    }

    private static List<Path> pictures(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".png"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed", e);
        }
    }

    private void badSteps() {
        Map<String, String> rows = new LinkedHashMap<>();
        lines.stream()
                .filter(line -> line.has("non_finite"))
                .forEach(line -> rows.put(
                        "Step " + line.path("step"),
                        line.path("non_finite").asText() + ", samples " + line.path("samples")));
        if (!rows.isEmpty()) {
            heading("Steps left out because they were not finite");
            table(rows, false);
        }
    }

    private void heading(String text) {
        html.append("<h2>").append(escape(text)).append("</h2>\n");
    }

    private void table(Map<String, String> rows, boolean hashes) {
        html.append("<table>\n");
        rows.forEach((name, value) -> html.append("<tr><th>")
                .append(escape(name))
                .append(hashes ? "</th><td class=\"hash\">" : "</th><td>")
                .append(escape(value))
                .append("</td></tr>\n"));
        html.append("</table>\n");
    }

    private void figure(byte[] png, String alternative, String caption) {
        html.append("<figure><img alt=\"")
                .append(escape(alternative))
                .append("\" src=\"data:image/png;base64,")
                .append(Base64.getEncoder().encodeToString(png))
                .append("\">");
        if (caption != null) {
            html.append("<figcaption>").append(escape(caption)).append("</figcaption>");
        }
        html.append("</figure>\n");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
