// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.io.Json;
import ai.dsr.sample.images.ImageOrigin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The result of an evaluation, as it is printed and as it is stored.
 *
 * @param format {@value #FORMAT}
 * @param samples what was evaluated
 * @param origin how the samples were made
 * @param reference what they were compared with
 * @param precision in which numbers features and statistics were computed
 * @param device where
 * @param metrics the figures
 * @param warnings what a reader of the figures should know
 */
public record EvaluationReport(
        String format,
        String samples,
        ImageOrigin origin,
        String reference,
        String precision,
        String device,
        List<MetricValue> metrics,
        List<String> warnings) {
    /** Name and version of the file. */
    public static final String FORMAT = "dsr-evaluation-1";

    /** Copies the lists. */
    public EvaluationReport {
        metrics = List.copyOf(metrics);
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads a file that {@link #write} wrote.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static EvaluationReport read(Path file) {
        EvaluationReport report = Json.read(file, EvaluationReport.class);
        if (!FORMAT.equals(report.format)) {
            throw new IllegalArgumentException(file + ": format: expected " + FORMAT + ", got " + report.format);
        }
        return report;
    }

    /** Writes the report as JSON. */
    public void write(Path file) {
        Json.write(file, this);
    }

    /** The figures by name, for logs. */
    public Map<String, Double> values() {
        Map<String, Double> values = new TreeMap<>();
        metrics.forEach(metric -> values.put(metric.name(), metric.value()));
        return values;
    }

    /** A table: a line for each figure, then the warnings. */
    public String toTable() {
        StringBuilder table = new StringBuilder();
        table.append("samples    ").append(samples).append('\n');
        table.append("reference  ").append(reference).append("\n\n");
        row(table, "metric", "value", "images", "spec", "");
        for (MetricValue metric : metrics) {
            String std = metric.std() == null ? "" : String.format(Locale.ROOT, " +- %.4g", metric.std());
            String bias = metric.expectedBias() == null
                    ? ""
                    : String.format(Locale.ROOT, ", expected bias +%.4g", metric.expectedBias());
            row(
                    table,
                    metric.name(),
                    String.format(Locale.ROOT, "%.4f", metric.value()) + std,
                    metric.samples() + (metric.reference() == null ? "" : " / " + metric.reference()),
                    metric.spec(),
                    metric.evaluationSpec().getOrDefault("network", "pixels") + bias);
        }
        warnings.forEach(warning -> table.append("warning: ").append(warning).append('\n'));
        return table.toString();
    }

    private static void row(StringBuilder table, String name, String value, String images, String spec, String note) {
        table.append(String.format(Locale.ROOT, "%-11s %20s   %-16s %-12s  %s", name, value, images, spec, note)
                        .stripTrailing())
                .append('\n');
    }

    /**
     * The changes from an earlier report, a line for each figure that both have.
     *
     * @param isForced whether figures of different specs or numbers of images are compared all the same
     * @throws IllegalArgumentException naming the figures and what is different, unless forced
     */
    public String compare(EvaluationReport earlier, boolean isForced) {
        List<String> differences = new ArrayList<>();
        StringBuilder table = new StringBuilder();
        for (MetricValue now : metrics) {
            for (MetricValue then : earlier.metrics) {
                if (now.name().equals(then.name())) {
                    difference(now, then).ifPresent(differences::add);
                    table.append(String.format(
                            Locale.ROOT,
                            "%-11s %14.4f -> %.4f (%+.4f)%n",
                            now.name(),
                            then.value(),
                            now.value(),
                            now.value() - then.value()));
                }
            }
        }
        if (!differences.isEmpty() && !isForced) {
            throw new IllegalArgumentException("compare: expected figures of one spec, got "
                    + String.join("; ", differences) + "; add --force to compare all the same");
        }
        return table.toString();
    }

    private static Optional<String> difference(MetricValue now, MetricValue then) {
        if (!now.spec().equals(then.spec())) {
            String keys = now.evaluationSpec().keySet().stream()
                    .filter(key -> !String.valueOf(now.evaluationSpec().get(key))
                            .equals(String.valueOf(then.evaluationSpec().get(key))))
                    .map(key -> key + " " + then.evaluationSpec().get(key) + " and "
                            + now.evaluationSpec().get(key))
                    .findFirst()
                    .orElse("specs " + then.spec() + " and " + now.spec());
            return Optional.of(now.name() + " of " + keys);
        }
        boolean isSameCount = now.samples() == then.samples() && Objects.equals(now.reference(), then.reference());
        return isSameCount
                ? Optional.empty()
                : Optional.of(now.name() + " of " + then.samples() + " and " + now.samples() + " images");
    }
}
