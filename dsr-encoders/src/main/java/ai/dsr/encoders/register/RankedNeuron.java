// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

/**
 * A neuron and how loud it is on outlier rows.
 *
 * @param layer from 0
 * @param neuron from 0
 * @param score mean over images of the mean magnitude on outlier rows
 */
public record RankedNeuron(int layer, int neuron, double score) {}
