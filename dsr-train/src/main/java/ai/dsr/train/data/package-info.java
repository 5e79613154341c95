// SPDX-License-Identifier: Apache-2.0

/**
 * Encoded training data on disk.
 *
 * <p>Read {@link ai.dsr.train.data.LatentKey} (what the latents depend on), then {@link ai.dsr.train.data.LatentCache}.
 */
package ai.dsr.train.data;
