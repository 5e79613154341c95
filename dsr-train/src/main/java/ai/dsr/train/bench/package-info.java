// SPDX-License-Identifier: Apache-2.0

/** Speed of whole steps, as a share of what the machine does in a large matrix product: {@link ai.dsr.train.bench.StepBench}. */
package ai.dsr.train.bench;
