// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.train.events.EventFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where the numbers and pictures of a run go: {@code metrics.jsonl} and, for TensorBoard, {@code events}. */
public final class RunLog {
    private final Path runFolder;
    private final MetricsLog metrics;
    private final EventFile events;

    /** The log of a run folder. */
    public RunLog(Path runFolder) {
        this.runFolder = runFolder;
        metrics = new MetricsLog(runFolder);
        events = new EventFile(runFolder.resolve("events"));
    }

    /** The folder of the run. */
    public Path runFolder() {
        return runFolder;
    }

    /** Adds a line with the step and these values; numbers among them become curves. */
    public void values(long step, Map<String, ?> values) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", step);
        line.putAll(values);
        metrics.append(line);
        Map<String, Number> numbers = new LinkedHashMap<>();
        values.forEach((name, value) -> {
            if (value instanceof Number number) {
                numbers.put(name, number);
            }
        });
        events.scalars(step, numbers);
    }

    /** Shows a picture that has been written into the run folder. */
    public void image(long step, String tag, Path png) {
        RgbImage picture = ImageCodec.read(png);
        events.image(step, tag, ImageCodec.encodePng(picture), picture.width(), picture.height());
    }

    /** Forgets what was logged after {@code step}, which will be logged again. */
    public void rewind(long step) {
        metrics.truncate(step);
        events.restartAt(step + 1);
    }
}
