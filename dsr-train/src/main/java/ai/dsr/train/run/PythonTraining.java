// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.checkpoint.TorchCheckpoint;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.CheckpointStore;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A training of the Python code, to be continued here: weights, their average, moments and the number of updates.
 *
 * <p>The optimiser of PyTorch numbers its parameters in the model's order; the names are the keys of {@code model} without
 * the tables that are no parameters. The learning rate follows from the number of updates, so the scheduler's state is not
 * needed. What the Python code does not store, such as random states, starts anew.
 */
public final class PythonTraining {
    private static final String FIRST = "exp_avg";
    private static final String SECOND = "exp_avg_sq";

    private final Path file;
    private final TorchCheckpoint checkpoint;

    private PythonTraining(Path file, TorchCheckpoint checkpoint) {
        this.file = file;
        this.checkpoint = checkpoint;
    }

    /** Reads a checkpoint, or of a folder the one that has gone furthest. */
    public static PythonTraining open(Path path) {
        Path file = WeightFile.locate(path);
        return new PythonTraining(file, TorchCheckpoint.read(file));
    }

    /**
     * Writes a run folder that {@code train --resume} continues.
     *
     * @param experiment the configuration of the training
     * @param dir the folder
     * @return the checkpoint in it
     * @throws IllegalArgumentException if the checkpoint lacks a part or does not fit the configuration; nothing has been
     *     written then
     */
    public Path writeRun(Experiment experiment, Path dir) {
        RunFolder.check(dir, false);
        TrainingConfig training = experiment.config().bind("training", TrainingConfig.class);
        DiffusionTransformer model = experiment.denoiser();
        StateDict weights = fitting(WeightFile.Choice.MODEL, model);
        StateDict average = fitting(WeightFile.Choice.EMA, model);
        List<String> names = List.copyOf(weights.names());
        Map<String, TensorData> moments = new LinkedHashMap<>();
        long updates = 0;
        List<Map<?, ?>> states = states(names.size());
        for (String part : List.of(FIRST, SECOND)) {
            for (int i = 0; i < names.size(); i++) {
                Shape shape = weights.get(names.get(i)).toShape();
                moments.put(part + "/" + names.get(i), moment(states.get(i), part, names.get(i), shape));
                updates = Math.max(updates, steps(states.get(i)));
            }
        }
        Path written = CheckpointStore.write(
                dir, model, training, new CheckpointStore.Imported(updates, weights, average, moments));
        String folder = dir.toString().replace("\\", "\\\\").replace("\"", "\\\"");
        AtomicFiles.writeString(
                dir.resolve("config.yaml"),
                experiment
                        .with(List.of("run={dir: \"" + folder + "\"}"))
                        .config()
                        .toYaml());
        return written;
    }

    private StateDict fitting(WeightFile.Choice choice, DiffusionTransformer model) {
        StateDict state = WeightFile.weights(checkpoint, file, choice);
        LoadReport.compare(state, model.shapes(), DiffusionTransformer::isDerived)
                .requireClean("check stage_2");
        return state.filter(name -> !DiffusionTransformer.isDerived(name));
    }

    /** The optimiser's state of each parameter, in their order; empty for one that never had a gradient. */
    private List<Map<?, ?>> states(int count) {
        Map<?, ?> optimizer = map(checkpoint.get("optimizer"), "optimizer");
        Map<?, ?> state = map(optimizer.get("state"), "optimizer/state");
        List<Object> order = new ArrayList<>();
        if (optimizer.get("param_groups") instanceof List<?> groups) {
            groups.forEach(group ->
                    order.addAll((List<?>) map(group, "optimizer/param_groups").get("params")));
        }
        if (order.size() != count) {
            throw new IllegalArgumentException(file + ": optimizer/param_groups: expected " + count
                    + " parameters, those of model, got " + order.size());
        }
        List<Map<?, ?>> states = new ArrayList<>();
        for (Object index : order) {
            Object entry = state.get(String.valueOf(index));
            states.add(entry == null ? Map.of() : map(entry, "optimizer/state/" + index));
        }
        return states;
    }

    private Map<?, ?> map(Object value, String path) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(
                    file + ": " + path + ": expected a dictionary of a training checkpoint, got "
                            + (value == null ? "nothing" : "another object"));
        }
        return map;
    }

    private TensorData moment(Map<?, ?> state, String part, String name, Shape shape) {
        if (state.isEmpty()) {
            return TensorData.of(new float[Math.toIntExact(shape.size())], shape.getShape());
        }
        if (!(state.get(part) instanceof TensorData tensor) || !tensor.toShape().equals(shape)) {
            throw new IllegalArgumentException(
                    file + ": optimizer/state: " + part + " of " + name + ": expected " + shape
                            + ", got " + (state.get(part) instanceof TensorData other ? other.toShape() : "nothing")
                            + "; parameters are matched by their order");
        }
        return tensor;
    }

    private static long steps(Map<?, ?> state) {
        Object step = state.get("step");
        if (step instanceof TensorData tensor && tensor.size() == 1) {
            return (long) tensor.toFloats()[0];
        }
        return step instanceof Number number ? number.longValue() : 0;
    }
}
