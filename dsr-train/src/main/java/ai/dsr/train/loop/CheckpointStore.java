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
import ai.dsr.core.kernel.OptimizerKernels;
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
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder {@code checkpoints/step-N} of a run: {@code model}, {@code ema} (and further averages) and
 * {@code optimizer.safetensors}, {@code state.json}, and last {@code manifest.json} with the SHA-256 of each.
 *
 * <p>A checkpoint is written to a temporary sibling, synced and renamed, so the last good one survives a kill at any
 * moment; one that does not match its manifest is refused.
 */
public final class CheckpointStore {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
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
        AtomicFiles.writeFolder(target, temporary -> {
            Map<String, String> digests = new LinkedHashMap<>();
            arrays(state).forEach((file, arrays) -> {
                SafeTensors.writeArrays(temporary.resolve(file), arrays, Map.of());
                digests.put(file, Sha256.ofFile(temporary.resolve(file)));
            });
            Json.write(temporary.resolve(STATE), counters(state));
            digests.put(STATE, Sha256.ofFile(temporary.resolve(STATE)));
            Json.write(temporary.resolve(MANIFEST), Map.of("sha256", digests));
        });
        removeOld();
        return target;
    }

    /** The arrays of each file. */
    private static Map<String, Map<String, NDArray>> arrays(TrainState state) {
        Map<String, Map<String, NDArray>> files = new LinkedHashMap<>();
        files.put(MODEL, state.weightsByName());
        state.averagesByName().forEach((label, arrays) -> files.put(label + ".safetensors", arrays));
        files.put(OPTIMIZER, state.momentsByName());
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
        verify(checkpoint, files.keySet());
        files.forEach((file, arrays) -> copy(checkpoint.resolve(file), arrays));
        restoreCounters(Json.read(checkpoint.resolve(STATE)), state);
    }

    private static Map<String, Object> counters(TrainState state) {
        Meter meter = state.meter();
        return Map.of(
                "step",
                state.step(),
                "updates",
                state.updates(),
                "bad_steps",
                state.badSteps(),
                "order",
                state.order(),
                "loss_scale",
                Map.of(
                        "factor",
                        state.lossScale().factor(),
                        "good_steps",
                        state.lossScale().goodSteps()),
                "interval",
                Map.of("loss", meter.loss(), "grad_norm", meter.gradientNorm(), "count", meter.count()));
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
        JsonNode interval = counters.path("interval");
        state.setMeter(new Meter(
                interval.path("loss").asDouble(),
                interval.path("grad_norm").asDouble(),
                interval.path("count").asInt()));
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
