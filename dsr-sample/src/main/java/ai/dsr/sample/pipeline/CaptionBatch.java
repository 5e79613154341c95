// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.text.TextInput;
import ai.dsr.encoders.text.CaptionStates;
import java.util.Arrays;

/** Encoded captions as tensors. */
final class CaptionBatch {
    private CaptionBatch() {}

    /** One caption, {@code (1, T, D)}, without padding. */
    static TextInput of(NDManager manager, CaptionStates caption) {
        int length = caption.length();
        float[] states = new float[length * caption.width()];
        float[] pooled = new float[caption.pooledWidth()];
        float[] mask = new float[length];
        caption.copyStates(states, 0);
        caption.copyPooled(pooled, 0);
        Arrays.fill(mask, 1);
        return new TextInput(
                EngineArray.of(manager, states, new Shape(1, length, caption.width())),
                EngineArray.of(manager, mask, new Shape(1, length)),
                EngineArray.of(manager, pooled, new Shape(1, pooled.length)));
    }
}
