// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;

/**
 * The training loss of one batch.
 *
 * @param elements {@code (B, C, H, W)}: of every number, without token weights
 * @param samples {@code (B)}: mean of the elements of a sample
 * @param total scalar: what training minimises; the mean of {@code samples} unless tokens are weighted
 * @param tokenWeight {@code (B, 1, H, W)}: the weights in {@code total}, of mean 1; null without weighting
 */
public record TransportLoss(NDArray elements, NDArray samples, NDArray total, NDArray tokenWeight) {}
