// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.TensorData;
import java.nio.file.Path;

/** The runs of {@link TinyRun} for tests of other packages. */
public final class TinyRuns {
    private TinyRuns() {}

    /** A run in {@code folder} with a training section in YAML. */
    public static TrainLoop loop(NDManager manager, Path folder, String training) {
        return new TrainLoop(
                manager, TinyRun.task(manager, folder.resolve("cache")), TinyRun.training(training), folder);
    }

    /** The values of a stored tensor. */
    public static float[] floats(NDManager manager, TensorData tensor) {
        return tensor.toArray(manager, DataType.FLOAT32).toFloatArray();
    }
}
