// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.text.TextToLatent;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.data.TextData;

/** What a denoiser is told about the samples of a batch, before dropout. */
@FunctionalInterface
interface Conditions {
    /**
     * The conditions of a batch.
     *
     * @param step owns the result
     * @param samples indices into the training data
     * @param draws the batch's random numbers
     * @return labels {@code (B)} int64 or rows {@code (B, L, Z)}
     */
    NDArray of(NDManager step, int[] samples, Draws draws);

    /** Class labels. */
    static Conditions labels(LatentData data) {
        return (step, samples, draws) -> EngineArray.of(step, data.labels(samples));
    }

    /** Rows that the connector reads from captions; gradients flow into it. */
    static Conditions captions(LatentData data, TextData text, TextToLatent model) {
        return (step, samples, draws) ->
                model.rows(text.gather(step, data.inCache(samples), draws.uniform("template")));
    }
}
