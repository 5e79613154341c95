// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.io.TensorData;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.MetricsLog;
import ai.dsr.train.loop.StopRequest;
import ai.dsr.train.loop.TrainLoop;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tries out whether a run resumes exactly: trains once straight and once with a stop and a resume in between, and compares
 * weights, moments, averages, counters, the order of the data and the metrics by hash.
 */
public final class ResumeCheck {
    /** Numbers of the log that depend on the machine and not on the training. */
    private static final Pattern MEASURED =
            Pattern.compile("images_per_second|seconds|rss_mb|peak_mb|heap_mb|memory_.*");

    private final TrainingJob.Recipe recipe;
    private final NDManager manager;
    private final UnaryOperator<TrainingRun.Options> options;

    /**
     * A check of runs of one kind.
     *
     * @param manager under which each run has a manager of its own
     * @param options changes the options of each run, for its devices
     */
    public ResumeCheck(TrainingJob.Recipe recipe, NDManager manager, UnaryOperator<TrainingRun.Options> options) {
        this.recipe = recipe;
        this.manager = manager;
        this.options = options;
    }

    /**
     * Trains {@code steps + more} steps twice, in a folder beside {@code run.dir} that is removed afterwards.
     *
     * @param steps before the stop, 1 or more
     * @param more after the resume, 1 or more
     * @return one row for each thing compared
     */
    public List<Row> run(Experiment experiment, int steps, int more) {
        Path parent = experiment.run().dir().toAbsolutePath().normalize().getParent();
        Path folder = temporary(parent);
        try {
            Path straight = train(experiment, folder.resolve("straight"), steps, more, false);
            Path resumed = train(experiment, folder.resolve("resumed"), steps, more, true);
            List<Row> rows = compareFiles(straight, resumed);
            rows.add(compare("metrics", metrics(folder.resolve("straight")), metrics(folder.resolve("resumed"))));
            return rows;
        } finally {
            AtomicFiles.deleteFolder(folder);
        }
    }

    private static Path temporary(Path parent) {
        try {
            Files.createDirectories(parent);
            return Files.createTempDirectory(parent, ".verify-resume-");
        } catch (IOException e) {
            throw new UncheckedIOException(parent + ": cannot hold the runs of the check", e);
        }
    }

    private Path train(Experiment experiment, Path dir, int steps, int more, boolean stops) {
        Experiment own = experiment
                .with(List.of("training.steps=" + (steps + more), "training.log_interval=1"))
                .withPath("run.dir", dir);
        if (stops) {
            once(own, new TrainingRun.Options(false, List.of(), StopRequest.after(steps)));
        }
        return once(own, new TrainingRun.Options(stops, List.of(), new StopRequest()))
                .checkpoint();
    }

    private TrainLoop.Outcome once(Experiment experiment, TrainingRun.Options plain) {
        try (NDManager scope = manager.newSubManager()) {
            return TrainingRun.train(recipe, experiment, scope, options.apply(plain));
        }
    }

    private static List<Row> compareFiles(Path straight, Path resumed) {
        List<Row> rows = new ArrayList<>();
        for (Path file : files(straight)) {
            String name = file.getFileName().toString();
            if (name.endsWith(".safetensors")) {
                String what = name.substring(0, name.length() - ".safetensors".length());
                rows.add(compare(what, tensors(file), tensors(resumed.resolve(name))));
            }
        }
        rows.add(compare(
                "counters",
                values(Json.read(straight.resolve("state.json"))),
                values(Json.read(resumed.resolve("state.json")))));
        return rows;
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed", e);
        }
    }

    private static Map<String, String> tensors(Path file) {
        Map<String, String> hashes = new LinkedHashMap<>();
        Map<String, TensorData> tensors = SafeTensors.read(file).toMap();
        tensors.forEach((name, tensor) -> hashes.put(name, Sha256.ofBuffer(tensor.bytes())));
        return hashes;
    }

    private static Map<String, String> values(JsonNode node) {
        Map<String, String> values = new LinkedHashMap<>();
        node.fields().forEachRemaining(field -> {
            String name = field.getKey().equals("order") ? "order of the data" : field.getKey();
            values.put(name, field.getValue().toString());
        });
        return values;
    }

    private static Map<String, String> metrics(Path run) {
        Map<String, String> lines = new LinkedHashMap<>();
        for (JsonNode line : new MetricsLog(run).read()) {
            StringBuilder text = new StringBuilder();
            line.properties().forEach(value -> {
                if (!MEASURED.matcher(value.getKey()).matches()) {
                    text.append(value).append(' ');
                }
            });
            lines.merge("step " + line.path("step"), text.toString(), String::concat);
        }
        return lines;
    }

    private static Row compare(String what, Map<String, String> straight, Map<String, String> resumed) {
        String difference = null;
        for (Map.Entry<String, String> entry : straight.entrySet()) {
            if (difference == null && !entry.getValue().equals(resumed.get(entry.getKey()))) {
                difference = entry.getKey();
            }
        }
        if (difference == null && straight.size() != resumed.size()) {
            difference = "number of entries";
        }
        return new Row(what, straight.size(), digest(straight), digest(resumed), difference);
    }

    private static String digest(Map<String, String> values) {
        return Sha256.ofText(values.toString()).substring(0, 16);
    }

    /**
     * One thing that was compared.
     *
     * @param what a file of the checkpoint, the counters or the metrics
     * @param entries how many tensors, counters or lines
     * @param straight hash of the uninterrupted run
     * @param resumed hash of the other
     * @param difference name of the first entry that differs; null if none does
     */
    public record Row(String what, int entries, String straight, String resumed, String difference) {}
}
