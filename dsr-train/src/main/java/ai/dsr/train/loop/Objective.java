// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.nn.Layer;
import java.util.function.BiConsumer;

/** A model and the loss of a batch: what a step needs to know. */
public interface Objective {
    /** Prefix of the names by which {@link #trace} shows terms of the loss. */
    String TERM = "term.";

    /** The model, initialised; steps change its weights in place, and computing the loss its buffers. */
    Layer model();

    /**
     * The mean loss of a micro-batch, a scalar owned by {@code step}; recorded by the caller.
     *
     * @param step owns everything made here and is closed after the step
     * @param tap sees what the loss is computed from as {@code input.NAME}, then intermediate results in order, and scalars
     *     for the log as {@code term.NAME}; they stay the objective's. It is there for the log, and for the report on a
     *     step that went wrong
     */
    NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap);

    /** {@link #trace} without a look inside. */
    default NDArray loss(NDManager step, Batch batch) {
        return trace(step, batch, (name, value) -> {});
    }

    /** What a sample is called in reports, such as the name of its file. */
    default String sampleName(int sample) {
        return Integer.toString(sample);
    }
}
