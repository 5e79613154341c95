// SPDX-License-Identifier: Apache-2.0

/**
 * Whole training runs from a configuration: {@link ai.dsr.train.run.DecoderRun} and {@link ai.dsr.train.run.DenoiserRun}
 * put data, models and the loop together in a {@link ai.dsr.train.run.RunFolder}.
 */
package ai.dsr.train.run;
