// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;

/**
 * Where a solver arrived.
 *
 * @param x the final state, in the manager of the initial one
 * @param evaluations how often the field or the model was evaluated; guidance does not count twice
 */
public record Solution(NDArray x, int evaluations) {}
