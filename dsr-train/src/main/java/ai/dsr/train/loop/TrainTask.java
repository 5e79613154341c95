// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.nn.Layer;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;

/** What a run trains: a model, its data and the loss of a batch. */
public interface TrainTask {
    /** The model, initialised; the loop changes its weights in place. */
    Layer model();

    /** How many training samples there are. */
    int sampleCount();

    /**
     * The mean loss of a micro-batch, a scalar owned by {@code step}; recorded by the caller.
     *
     * @param step owns everything made here and is closed after the step
     */
    NDArray loss(NDManager step, Batch batch);

    /**
     * {@link #loss} with a look inside, for the report on a step that went wrong.
     *
     * @param tap sees what the loss is computed from as {@code input.NAME}, then intermediate results in order; they stay
     *     the task's
     */
    default NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
        return loss(step, batch);
    }

    /** What a sample is called in reports, such as the name of its file. */
    default String sampleName(int sample) {
        return Integer.toString(sample);
    }

    /**
     * Figures about the inside of the model as it is now, such as token norms and attention by block; none by default.
     * Numbers become curves, lists and maps stay in the log.
     *
     * @param scope owns what is made on the way
     */
    default Map<String, Object> inspect(NDManager scope) {
        return Map.of();
    }

    /** Writes a picture of what the model does now; called with the averaged weights in place. */
    void preview(Path file);
}
