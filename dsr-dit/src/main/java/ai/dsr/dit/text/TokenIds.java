// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;

/**
 * The tokens of a batch of captions: the input of a {@link Conditioner}.
 *
 * @param ids {@code (B, n)} int64; padding, whatever its ids, stands in front; n may be 0
 * @param mask {@code (B, n)} int64: 1 for a token, 0 for padding; null if there is no padding
 */
public record TokenIds(NDArray ids, NDArray mask) implements TextInput {}
