// SPDX-License-Identifier: Apache-2.0

/**
 * Figures of generators: features of images, and what compares them.
 *
 * <p>{@link ai.dsr.sample.eval.InceptionV3} is the network behind published FID, sFID and inception scores.
 */
package ai.dsr.sample.eval;
