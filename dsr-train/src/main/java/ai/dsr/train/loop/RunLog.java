// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where the numbers and pictures of a run go: {@code metrics.jsonl} and {@code samples}. */
public final class RunLog {
    private final Path runFolder;
    private final MetricsLog metrics;

    /** The log of a run folder. */
    public RunLog(Path runFolder) {
        this.runFolder = runFolder;
        metrics = new MetricsLog(runFolder);
    }

    /** The folder of the run. */
    public Path runFolder() {
        return runFolder;
    }

    /** Adds a line with the step and these values. */
    public void values(long step, Map<String, ?> values) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.putAll(values);
        metrics.append(line);
    }

    /** Takes note of a picture that has been written into the run folder. */
    public void image(long step, String tag, Path png) {}

    /** Forgets what was logged after {@code step}, which will be logged again. */
    public void rewind(long step) {
        metrics.truncate(step);
    }
}
