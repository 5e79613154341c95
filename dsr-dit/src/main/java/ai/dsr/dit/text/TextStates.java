// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;

/**
 * What a text encoder said about a batch of captions: the input of a {@link TextConnector}.
 *
 * @param states {@code (B, T, D)} float32; rows beyond a caption's own length are zero
 * @param mask {@code (B, T)} float32: 1 for the caption's tokens, 0 beyond them
 * @param pooled {@code (B, P)} float32: one vector a caption
 */
public record TextStates(NDArray states, NDArray mask, NDArray pooled) implements TextInput {}
