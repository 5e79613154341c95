// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * What a text encoder said about a batch of captions.
 *
 * @param states {@code (B, T, D)} float32; rows beyond a caption's own length are zero
 * @param mask {@code (B, T)} float32: 1 for the caption's tokens, 0 beyond them
 * @param pooled {@code (B, P)} float32: one vector a caption
 */
public record TextInput(NDArray states, NDArray mask, NDArray pooled) {
    /** The three arrays in order. */
    public NDList toList() {
        return new NDList(states, mask, pooled);
    }
}
