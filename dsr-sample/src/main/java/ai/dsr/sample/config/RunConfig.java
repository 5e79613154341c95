// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.config.Default;
import java.nio.file.Path;

/**
 * Section {@code run}: what a run starts from and where it leaves its results.
 *
 * @param dir folder of checkpoints, metrics and previews
 * @param init bundle whose denoiser the training starts from; null: initial values of the seed
 */
public record RunConfig(Path dir, @Default("null") String init) {}
