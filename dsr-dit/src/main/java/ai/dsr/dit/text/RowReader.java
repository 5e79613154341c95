// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.nn.Layer;

/** What makes condition rows of captions for a denoiser, and trains with it. */
public abstract sealed class RowReader extends Layer permits TextConnector, Conditioner {
    /**
     * Condition rows of a batch of captions.
     *
     * @return {@code (B, L, Z)}, in the manager of the input
     * @throws IllegalArgumentException if the input is of another kind or of other widths than this reads
     */
    public abstract NDArray rows(TextInput text);

    /** The name under which the weights are stored beside those of the denoiser. */
    public abstract String label();

    /** Fails unless the input is of the kind that this reads. */
    static <T extends TextInput> T require(Class<T> kind, TextInput text) {
        if (!kind.isInstance(text)) {
            throw new IllegalArgumentException("text: expected " + kind.getSimpleName() + ", got "
                    + text.getClass().getSimpleName());
        }
        return kind.cast(text);
    }
}
