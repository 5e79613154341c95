// SPDX-License-Identifier: Apache-2.0

/**
 * Randomness as a function: every draw is determined by (seed, purpose, index), never by what was drawn before.
 *
 * <p>Read {@link ai.dsr.core.random.SeedTree}, then {@link ai.dsr.core.random.RandomStream}. Noise and label of image i
 * therefore depend neither on the batch size nor on the number of workers, and a resumed run draws what an
 * uninterrupted one would have drawn.
 */
package ai.dsr.core.random;
