// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.nn.Layer;
import ai.dsr.dit.model.DiffusionTransformer;

/** A denoiser with the connector that reads captions for it: they train, average and are stored as one model. */
public final class TextToLatent extends Layer {
    private final TextConnector connector;
    private final DiffusionTransformer denoiser;

    /** Joins the two under the names {@code connector} and {@code denoiser}. */
    public TextToLatent(TextConnector connector, DiffusionTransformer denoiser) {
        this.connector = child("connector", connector);
        this.denoiser = child("denoiser", denoiser);
    }

    /** Condition rows {@code (B, L, Z)} of a batch of captions: the {@code y} of {@link #denoiser}. */
    public NDArray rows(TextInput text) {
        return connector.forward(text);
    }

    /** The denoiser. */
    public DiffusionTransformer denoiser() {
        return denoiser;
    }
}
