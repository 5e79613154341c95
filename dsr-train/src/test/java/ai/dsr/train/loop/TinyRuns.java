// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.nn.Layer;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.BiConsumer;

/** The runs of {@link TinyRun} for tests of other packages. */
public final class TinyRuns {
    private TinyRuns() {}

    /** A run in {@code folder} with a training section in YAML. */
    public static TrainLoop loop(NDManager manager, Path folder, String training) {
        return new TrainLoop(
                manager, TinyRun.task(manager, folder.resolve("cache")), TinyRun.training(training), folder);
    }

    /** The task with a model of this width. */
    public static TrainTask task(NDManager manager, Path folder, int width) {
        return TinyRun.task(manager, folder, width);
    }

    /** A training section in YAML. */
    public static TrainingConfig training(String yaml) {
        return TinyRun.training(yaml);
    }

    /** The task with other samples at each step than it is asked for: a fault of the data that no loss shows. */
    public static TrainTask shuffled(TrainTask task) {
        return new TrainTask() {
            @Override
            public Layer model() {
                return task.model();
            }

            @Override
            public int sampleCount() {
                return task.sampleCount();
            }

            @Override
            public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
                int[] others = Arrays.stream(batch.samples())
                        .map(i -> (int) ((i + 3 * batch.step()) % task.sampleCount()))
                        .toArray();
                return task.loss(step, new Batch(batch.step(), batch.offset(), others));
            }

            @Override
            public void preview(Path file) {
                task.preview(file);
            }
        };
    }

    /** The values of a stored tensor. */
    public static float[] floats(NDManager manager, TensorData tensor) {
        return tensor.toArray(manager, DataType.FLOAT32).toFloatArray();
    }
}
