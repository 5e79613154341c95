// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.text;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.text.TextStates;
import ai.dsr.encoders.text.CaptionStates;
import ai.dsr.encoders.text.TextEncoder;
import java.util.Arrays;

/**
 * Captions as the states of a frozen text encoder.
 *
 * @param encoder the encoder, closed with this
 */
public record StatesReader(TextEncoder encoder) implements CaptionReader {
    /** One caption, {@code (1, T, D)}. */
    @Override
    public TextStates read(NDManager manager, String text) {
        CaptionStates caption = encoder.encode(text).valid();
        int length = caption.length();
        float[] states = new float[length * caption.width()];
        float[] pooled = new float[caption.pooledWidth()];
        float[] mask = new float[length];
        caption.copyStates(states, 0);
        caption.copyPooled(pooled, 0);
        Arrays.fill(mask, 1);
        return new TextStates(
                EngineArray.of(manager, states, new Shape(1, length, caption.width())),
                EngineArray.of(manager, mask, new Shape(1, length)),
                EngineArray.of(manager, pooled, new Shape(1, pooled.length)));
    }

    @Override
    public String fingerprint() {
        return encoder.fingerprint();
    }

    @Override
    public void close() {
        encoder.close();
    }
}
