// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;

/**
 * Encoded images.
 *
 * @param z latents {@code (B, C, h, w)}, or {@code (B, N, C)} with {@code reshape_to_2d} off
 * @param tokenNorm Euclidean norms of the tokens {@code (B, 1, h, w)} or {@code (B, N, 1)}, without the noise; with
 *     {@code post_stat_norm} of the normalised latents over axis 1, so {@code (B, 1, C)} in token layout
 */
public record Latents(NDArray z, NDArray tokenNorm) {}
