// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.tensor.TensorScope;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known about a step whose loss or gradient was not finite, found by computing it again with a look inside. The
 * batch lies in {@code non-finite/step-N.safetensors} of the run folder, this report beside it as JSON.
 *
 * @param step the step, from 0
 * @param cause which number was not finite
 * @param first where it began: a weight, an input, a block's output, or the gradient of a weight
 * @param samples names of the samples that give it alone; empty if none does
 * @param batch the file
 */
record NonFiniteReport(long step, String cause, String first, List<String> samples, Path batch) {
    private static final String NOT_REPEATED = "nothing when computed again: suspect the hardware";

    /**
     * Computes a step's batch again.
     *
     * @param root under which arrays live meanwhile
     * @param batches its micro-batches
     */
    static NonFiniteReport inspect(
            NDManager root,
            Objective task,
            TrainState state,
            NonFiniteException cause,
            List<Batch> batches,
            Path runFolder) {
        long step = cause.step();
        Path folder = runFolder.resolve("non-finite");
        Path file = folder.resolve("step-" + step + ".safetensors");
        save(root, task, batches, file);
        List<String> samples = new ArrayList<>();
        String first = badWeight(root, state);
        for (Batch batch : batches) {
            for (int i = 0; i < batch.size(); i++) {
                int sample = batch.samples()[i];
                String found = firstBad(root, task, state, batch.only(i));
                if (found != null) {
                    samples.add(task.sampleName(sample));
                    first = first == null ? found : first;
                }
            }
        }
        for (Batch batch : batches) {
            first = first == null ? firstBad(root, task, state, batch) : first;
        }
        NonFiniteReport report =
                new NonFiniteReport(step, cause.getMessage(), first == null ? NOT_REPEATED : first, samples, file);
        Json.write(folder.resolve("step-" + step + ".json"), report.toMap());
        return report;
    }

    private static void save(NDManager root, Objective task, List<Batch> batches, Path file) {
        try (NDManager scope = root.newSubManager()) {
            Map<String, NDArray> inputs = new LinkedHashMap<>();
            List<Integer> samples = new ArrayList<>();
            for (Batch batch : batches) {
                for (int sample : batch.samples()) {
                    samples.add(sample);
                }
                task.trace(scope, batch, (name, value) -> {
                    if (name.startsWith("input.")) {
                        inputs.put(batch.offset() + "/" + name.substring("input.".length()), value);
                    }
                });
            }
            SafeTensors.writeArrays(file, inputs, Map.of("samples", samples.toString()));
        }
    }

    private static String badWeight(NDManager root, TrainState state) {
        try (NDManager scope = root.newSubManager()) {
            for (Map.Entry<String, NDArray> weight : state.weightsByName().entrySet()) {
                if (isBad(scope, weight.getValue())) {
                    return "weight " + weight.getKey();
                }
            }
            return null;
        }
    }

    /** The first bad number of a batch in order of computation: inputs, activations, loss, gradients; null if none is. */
    private static String firstBad(NDManager root, Objective task, TrainState state, Batch batch) {
        try (NDManager scope = root.newSubManager();
                Autograd tape = Autograd.record()) {
            List<String> bad = new ArrayList<>();
            NDArray loss = task.trace(scope, batch, (name, value) -> {
                if (bad.isEmpty() && isBad(scope, value)) {
                    bad.add(name);
                }
            });
            if (bad.isEmpty() && isBad(scope, loss)) {
                bad.add("loss");
            }
            return bad.isEmpty() ? badGradient(scope, tape.gradients(loss, state.trainable()), state) : bad.get(0);
        }
    }

    /** Backward runs from the last weight to the first: the last bad one was the first to be. */
    private static String badGradient(NDManager scope, NDList gradients, TrainState state) {
        List<String> names = state.trainableNames();
        for (int i = names.size() - 1; i >= 0; i--) {
            if (isBad(scope, gradients.get(i))) {
                return "gradient of " + names.get(i);
            }
        }
        return null;
    }

    private static boolean isBad(NDManager scope, NDArray array) {
        if (!array.getDataType().isFloating()) {
            return false;
        }
        NDArray view = TensorScope.view(array.stopGradient(), scope);
        return view.isNaN().logicalOr(view.isInfinite()).any().getBoolean();
    }

    private Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("step", step);
        map.put("cause", cause);
        map.put("first", first);
        map.put("samples", samples);
        map.put("batch", batch.getFileName().toString());
        return map;
    }

    /** One line that says all of it. */
    String message() {
        return cause + "; it began with " + first + (samples.isEmpty() ? "" : ", samples " + String.join(", ", samples))
                + "; the batch is in " + batch;
    }
}
