// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDManager;
import java.util.Map;

/**
 * A look inside the model every so many steps, for the log: its outlier tokens and where its attention goes.
 *
 * @param task looks
 * @param every steps between looks; 0: none
 */
record Inspections(TrainTask task, int every) implements TrainHook {
    @Override
    public void after(TrainState state, RunLog log) {
        if (every == 0 || state.step() % every != 0) {
            return;
        }
        NDManager owner =
                task.model().weights().values().iterator().next().get().getManager();
        try (NDManager scope = owner.newSubManager()) {
            Map<String, Object> figures = task.inspect(scope);
            if (!figures.isEmpty()) {
                log.values(state.step(), figures);
            }
        }
    }
}
