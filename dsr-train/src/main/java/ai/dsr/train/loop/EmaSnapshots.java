// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.train.optim.PowerEmaConfig;
import ai.dsr.train.optim.PowerProfile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stores the averages of {@code training.power_ema} every so many steps in {@code snapshots/power-LENGTH} of the run
 * folder.
 *
 * @param config lengths, interval and precision
 */
record EmaSnapshots(PowerEmaConfig config) implements TrainHook {
    @Override
    public void after(TrainState state, RunLog log) {
        if (state.step() % config.snapshotSteps() != 0 || state.updates() == 0) {
            return;
        }
        for (double length : config.lengths()) {
            String label = PowerProfile.ofLength(length).label();
            Path file = log.runFolder()
                    .resolve("snapshots")
                    .resolve(label)
                    .resolve("step-" + state.step() + ".safetensors");
            Map<String, TensorData> tensors = new LinkedHashMap<>();
            Map<String, NDArray> average = state.averagesByName().get(TrainState.AVERAGE + "-" + label);
            average.forEach((name, value) -> tensors.put(name, TensorData.of(value)));
            SafeTensors.write(
                    file,
                    tensors,
                    Map.of("length", Double.toString(length), "updates", Long.toString(state.updates())),
                    config.halfPrecision() ? DataType.FLOAT16 : DataType.FLOAT32);
        }
    }
}
