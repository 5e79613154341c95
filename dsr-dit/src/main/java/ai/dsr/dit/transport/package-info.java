// SPDX-License-Identifier: Apache-2.0

/**
 * From data to noise and back in formulas: paths, training losses, training times.
 *
 * <p>Read {@link ai.dsr.dit.transport.ProbabilityPath}, then {@link ai.dsr.dit.transport.Transport}. Time {@code t} runs
 * from 0 (data) to 1 (noise); {@code x1} is the data, {@code x0} the Gaussian noise, {@code t (B)} is float32 and is
 * broadcast over the further axes of a state. Nothing here draws random numbers.
 */
package ai.dsr.dit.transport;
