// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;

/** Sees intermediate results of one forward call by name, such as {@code block.3}. */
@FunctionalInterface
public interface ActivationTap {
    /** A tap that looks at nothing. */
    ActivationTap NONE = (name, value) -> {};

    /** Takes note of {@code value}, which stays the model's: keep it only by a duplicate. */
    void accept(String name, NDArray value);
}
