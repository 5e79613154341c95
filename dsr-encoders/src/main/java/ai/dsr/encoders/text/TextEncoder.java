// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

/** A frozen text encoder. Values are those of one caption alone, whatever else is encoded. Not safe for several threads. */
public interface TextEncoder extends AutoCloseable {
    /**
     * Encodes one caption, which may be empty.
     *
     * @return states {@code (T, D)}, mask {@code (T)} and the pooled vector, on the host
     */
    TextFeatures encode(String caption);

    /** The width D of a token state. */
    int width();

    /** The width of the pooled vector. */
    int pooledWidth();

    /** SHA-256 over everything that determines the values of a caption: weights, tokenizer, lengths, pooling. */
    String fingerprint();

    @Override
    void close();
}
