// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.nn.Layer;
import ai.dsr.dit.model.DiffusionTransformer;

/** A denoiser with what reads captions for it: they train, average and are stored as one model. */
public final class TextToLatent extends Layer {
    /** Prefix of the denoiser's weights. */
    public static final String DENOISER = "denoiser";

    private final RowReader reader;
    private final DiffusionTransformer denoiser;

    /** Joins the two under the reader's own name and {@value #DENOISER}. */
    public TextToLatent(RowReader reader, DiffusionTransformer denoiser) {
        this.reader = child(reader.label(), reader);
        this.denoiser = child(DENOISER, denoiser);
    }

    /** Condition rows {@code (B, L, Z)} of a batch of captions: the {@code y} of {@link #denoiser}. */
    public NDArray rows(TextInput text) {
        return reader.rows(text);
    }

    /** What reads captions. */
    public RowReader reader() {
        return reader;
    }

    /** The denoiser. */
    public DiffusionTransformer denoiser() {
        return denoiser;
    }

    /**
     * Divides the blocks of the denoiser, and the layers of a language model that reads the captions, into segments whose
     * activations are computed a second time instead of kept; see {@link DiffusionTransformer#setCheckpointSegments}.
     */
    public void setCheckpointSegments(int count) {
        denoiser.setCheckpointSegments(count);
        if (reader instanceof Conditioner conditioner) {
            conditioner.language().setCheckpointSegments(count);
        }
    }
}
