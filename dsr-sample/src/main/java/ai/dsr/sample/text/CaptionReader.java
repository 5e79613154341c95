// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.text;

import ai.djl.ndarray.NDManager;
import ai.dsr.dit.text.TextInput;

/**
 * What reads captions before a model does: everything that does not train. Captions are read one at a time. Not safe for
 * several threads.
 */
public sealed interface CaptionReader extends AutoCloseable permits StatesReader, TokenReader {
    /** One caption, which may be empty, as a batch of one without padding. */
    TextInput read(NDManager manager, String caption);

    /** SHA-256 over everything frozen that determines what a model is told of a caption: weights, tokenizer, lengths. */
    String fingerprint();

    @Override
    void close();
}
