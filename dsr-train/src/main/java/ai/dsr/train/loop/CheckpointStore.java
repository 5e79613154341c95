// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.train.optim.LossScale;
import ai.dsr.train.optim.TrainingConfig;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder {@code checkpoints/step-N} of a run: {@code model}, {@code ema} (and further averages) and
 * {@code optimizer.safetensors}, the same two of an adversary, {@code state.json}, and last {@code manifest.json} with the
 * SHA-256 of each.
 *
 * <p>A checkpoint is written to a temporary sibling, synced and renamed, so the last good one survives a kill at any
 * moment; one that does not match its manifest is refused.
 */
public final class CheckpointStore {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String ADVERSARY = TrainState.ADVERSARY + ".safetensors";
    private static final String ADVERSARY_OPTIMIZER = TrainState.ADVERSARY + "-optimizer.safetensors";
    private static final String STATE = "state.json";
    private static final String MANIFEST = "manifest.json";
    private static final String PREFIX = "step-";
    private static final String REMEDY = "; delete this checkpoint to resume from the one before it";

    private final Path folder;
    private final int keep;

    /** The store of a run folder that keeps the {@code keep} newest checkpoints; 0 keeps all. */
    public CheckpointStore(Path runFolder, int keep) {
        folder = runFolder.resolve("checkpoints");
        this.keep = keep;
    }

    /** Writes the state as {@code step-N} and removes checkpoints beyond the number to keep. */
    public Path save(TrainState state) {
        Path target = folder.resolve(PREFIX + state.step());
        Map<String, Consumer<Path>> writers = new LinkedHashMap<>();
        arrays(state)
                .forEach((name, arrays) -> writers.put(name, file -> SafeTensors.writeArrays(file, arrays, Map.of())));
        write(target, writers, counters(state));
        removeOld();
        return target;
    }

    /** Writes files one by one, each with its digest, and the manifest last. */
    private static void write(Path target, Map<String, Consumer<Path>> writers, Map<String, Object> counters) {
        AtomicFiles.writeFolder(target, temporary -> {
            Map<String, Consumer<Path>> all = new LinkedHashMap<>(writers);
            all.put(STATE, file -> Json.write(file, counters));
            Map<String, String> digests = new LinkedHashMap<>();
            all.forEach((name, writer) -> {
                writer.accept(temporary.resolve(name));
                digests.put(name, Sha256.ofFile(temporary.resolve(name)));
            });
            Json.write(temporary.resolve(MANIFEST), Map.of("sha256", digests));
        });
    }

    /**
     * A state from elsewhere.
     *
     * @param updates updates of the weights so far, which count as steps
     * @param weights by the model's names
     * @param average of the weights
     * @param moments {@code exp_avg/NAME} and {@code exp_avg_sq/NAME} of all weights
     */
    public record Imported(long updates, StateDict weights, StateDict average, Map<String, TensorData> moments) {}

    /**
     * Writes a state from elsewhere as the first checkpoint of a run.
     *
     * @param model decides the order of the weights, which must be those of {@code state}
     * @throws IllegalArgumentException if the run keeps averages that the state does not have
     */
    public static Path write(Path runFolder, Layer model, TrainingConfig config, Imported state) {
        if (config.emaDecay().size() > 1 || config.powerEma() != null) {
            throw new IllegalArgumentException(
                    "training: expected one ema_decay and no power_ema, since the checkpoint "
                            + "has one average, got more");
        }
        Map<String, TensorData> weights = new LinkedHashMap<>();
        Map<String, TensorData> average = new LinkedHashMap<>();
        Map<String, TensorData> moments = new LinkedHashMap<>();
        model.weights().forEach((name, weight) -> {
            weights.put(name, state.weights.get(name));
            average.put(name, state.average.get(name));
        });
        for (String part : List.of("exp_avg/", "exp_avg_sq/")) {
            model.weights().forEach((name, weight) -> {
                if (TrainState.trains(weight, config)) {
                    moments.put(part + name, state.moments.get(part + name));
                }
            });
        }
        Map<String, Consumer<Path>> writers = new LinkedHashMap<>();
        writers.put(MODEL, file -> SafeTensors.write(file, weights, Map.of(), DataType.FLOAT32));
        writers.put(
                TrainState.AVERAGE + ".safetensors",
                file -> SafeTensors.write(file, average, Map.of(), DataType.FLOAT32));
        writers.put(OPTIMIZER, file -> SafeTensors.write(file, moments, Map.of(), DataType.FLOAT32));
        Path target = runFolder.resolve("checkpoints").resolve(PREFIX + state.updates);
        write(target, writers, counters(state.updates, LossScale.of(config.precision()), Meter.EMPTY));
        return target;
    }

    /** The arrays of each file. */
    private static Map<String, Map<String, NDArray>> arrays(TrainState state) {
        Map<String, Map<String, NDArray>> files = new LinkedHashMap<>();
        files.put(MODEL, state.weightsByName());
        state.averagesByName().forEach((label, arrays) -> files.put(label + ".safetensors", arrays));
        files.put(OPTIMIZER, state.momentsByName());
        if (state.adversary() != null) {
            files.put(ADVERSARY, state.adversary().weightsByName());
            files.put(ADVERSARY_OPTIMIZER, state.adversary().momentsByName());
        }
        return files;
    }

    /** The newest checkpoint folder of this run. */
    public Optional<Path> latest() {
        List<Path> all = all();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /**
     * Puts a complete checkpoint that was about to be replaced or removed when the process was killed back under its
     * name, and deletes everything else that is incomplete. For the start of a run, when nothing else writes here.
     */
    public void recover() {
        AtomicFiles.leftovers(folder).forEach((leftover, target) -> {
            if (!Files.exists(target) && isWhole(leftover)) {
                AtomicFiles.rename(leftover, target);
                LOG.info("found the checkpoint {} again", target.getFileName());
            } else {
                AtomicFiles.deleteFolder(leftover);
            }
        });
    }

    private static boolean isWhole(Path checkpoint) {
        try {
            verify(checkpoint, Set.of(MODEL, OPTIMIZER));
            return true;
        } catch (IllegalArgumentException | UncheckedIOException e) {
            LOG.info("removing what a killed process left: {}", e.getMessage());
            return false;
        }
    }

    /** Complete checkpoints, oldest first. */
    private List<Path> all() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(entry -> entry.getFileName().toString().matches(PREFIX + "\\d+"))
                    .sorted((a, b) -> Long.compare(stepOf(a), stepOf(b)))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot list checkpoints", e);
        }
    }

    private static long stepOf(Path checkpoint) {
        return Long.parseLong(checkpoint.getFileName().toString().substring(PREFIX.length()));
    }

    /**
     * Overwrites a state of the same model with a checkpoint.
     *
     * @throws IllegalArgumentException if a file is missing, changed, or of another model
     */
    public static void restore(Path checkpoint, TrainState state) {
        Map<String, Map<String, NDArray>> files = arrays(state);
        requireSameParts(checkpoint, state);
        verify(checkpoint, files.keySet());
        files.forEach((file, arrays) -> copy(checkpoint.resolve(file), arrays));
        restoreCounters(Json.read(checkpoint.resolve(STATE)), state);
    }

    private static void requireSameParts(Path checkpoint, TrainState state) {
        boolean has = Files.exists(checkpoint.resolve(ADVERSARY));
        if (has != (state.adversary() != null) && Files.exists(checkpoint.resolve(MANIFEST))) {
            throw new IllegalArgumentException(checkpoint + ": expected "
                    + (has ? "a section gan, since the run has a discriminator, got none" : "a discriminator, got none")
                    + "; a run goes on as it began: set run.dir to a new folder");
        }
    }

    private static Map<String, Object> counters(TrainState state) {
        Map<String, Object> counters = new TreeMap<>(counters(state.updates(), state.lossScale(), state.meter()));
        counters.put("step", state.step());
        counters.put("bad_steps", state.badSteps());
        counters.put("order", state.order());
        TrainState adversary = state.adversary();
        if (adversary != null) {
            counters.put(TrainState.ADVERSARY, Map.of("step", adversary.step(), "updates", adversary.updates()));
        }
        return counters;
    }

    /** Those of a training in which every step was an update, with nothing known about the order of its samples. */
    private static Map<String, Object> counters(long updates, LossScale scale, Meter meter) {
        return Map.of(
                "step",
                updates,
                "updates",
                updates,
                "bad_steps",
                List.of(),
                "order",
                "",
                "loss_scale",
                Map.of("factor", scale.factor(), "good_steps", scale.goodSteps()),
                "interval",
                Map.of(
                        "loss",
                        meter.loss(),
                        "grad_norm",
                        meter.gradientNorm(),
                        "count",
                        meter.count(),
                        "terms",
                        meter.terms()));
    }

    private static void restoreCounters(JsonNode counters, TrainState state) {
        long step = counters.path("step").asLong();
        state.restoreCounters(step, counters.path("updates").asLong(step));
        state.setOrder(counters.path("order").asText(""));
        state.badSteps().clear();
        counters.path("bad_steps").forEach(bad -> state.badSteps().add(bad.asLong()));
        JsonNode scale = counters.path("loss_scale");
        state.lossScale()
                .restore(
                        scale.path("factor").asDouble(),
                        scale.path("good_steps").asInt());
        state.setMeter(meter(counters.path("interval")));
        if (state.adversary() != null) {
            JsonNode own = counters.path(TrainState.ADVERSARY);
            state.adversary()
                    .restoreCounters(
                            own.path("step").asLong(), own.path("updates").asLong());
        }
    }

    private static Meter meter(JsonNode interval) {
        Map<String, Meter.Sum> terms = new LinkedHashMap<>();
        interval.path("terms")
                .properties()
                .forEach(term -> terms.put(
                        term.getKey(),
                        new Meter.Sum(
                                term.getValue().path("total").asDouble(),
                                term.getValue().path("count").asInt())));
        return new Meter(
                interval.path("loss").asDouble(),
                interval.path("grad_norm").asDouble(),
                interval.path("count").asInt(),
                terms);
    }

    private static void verify(Path checkpoint, Set<String> needed) {
        requireFile(checkpoint.resolve(MANIFEST));
        JsonNode digests = Json.read(checkpoint.resolve(MANIFEST)).path("sha256");
        Set<String> files = new LinkedHashSet<>(needed);
        digests.fieldNames().forEachRemaining(files::add);
        files.add(STATE);
        for (String file : files) {
            requireFile(checkpoint.resolve(file));
            String expected = digests.path(file).asText();
            String got = Sha256.ofFile(checkpoint.resolve(file));
            if (!expected.equals(got)) {
                throw new IllegalArgumentException(
                        checkpoint.resolve(file) + ": expected SHA-256 " + expected + ", got " + got + REMEDY);
            }
        }
    }

    private static void requireFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file + ": expected a file of the checkpoint, got none" + REMEDY);
        }
    }

    private static void copy(Path file, Map<String, NDArray> targets) {
        StateDict stored = SafeTensors.read(file);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        targets.forEach((name, array) -> shapes.put(name, array.getShape()));
        LoadReport.compare(stored, shapes, name -> false).requireClean("is this the run's own checkpoint?");
        NDManager root = targets.values().iterator().next().getManager();
        try (NDManager scope = root.newSubManager()) {
            NDList values = new NDList();
            targets.keySet().forEach(name -> values.add(stored.get(name).toArray(scope, DataType.FLOAT32)));
            OptimizerKernels.copyInPlace(new NDList(targets.values()), values);
        }
    }

    private void removeOld() {
        List<Path> all = all();
        for (int i = 0; keep > 0 && i < all.size() - keep; i++) {
            AtomicFiles.discardFolder(all.get(i));
        }
    }
}
