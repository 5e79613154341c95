// SPDX-License-Identifier: Apache-2.0

/**
 * Pictures of benchmark prompts in the folder layouts that the benchmarks' own scripts read.
 *
 * <p>{@link ai.dsr.sample.export.GenEvalFolder} and {@link ai.dsr.sample.export.DpgFolder} are the layouts,
 * {@link ai.dsr.sample.export.PromptExport} fills one and goes on where it was stopped.
 */
package ai.dsr.sample.export;
