// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import java.nio.file.Path;
import java.util.Locale;

/**
 * A picture of what the averaged weights do, every so many steps, in {@code samples} of the run folder.
 *
 * @param task draws it
 * @param every steps between pictures; 0: none
 */
record Previews(TrainTask task, int every) implements TrainHook {
    @Override
    public void after(TrainState state, RunLog log) {
        if (every == 0 || state.step() % every != 0) {
            return;
        }
        Path file =
                log.runFolder().resolve("samples").resolve(String.format(Locale.ROOT, "step-%07d.png", state.step()));
        state.withAverage(() -> task.preview(file));
        log.image(state.step(), "samples", file);
    }
}
