// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;

/**
 * A point of the path.
 *
 * @param x the state {@code x_t (B, ...)}, which the denoiser is given
 * @param velocity the velocity {@code u_t (B, ...)} of the path there
 */
public record PathSample(NDArray x, NDArray velocity) {}
