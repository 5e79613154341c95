// SPDX-License-Identifier: Apache-2.0

/**
 * Layers that all models share, and the tree of named weights.
 *
 * <p>Read {@link ai.dsr.core.nn.Layer} and {@link ai.dsr.core.nn.Weight}, then any leaf. A layer knows the shape of every
 * weight when it is constructed but holds no memory until {@link ai.dsr.core.nn.Layer#initialize} or
 * {@link ai.dsr.core.nn.Layer#load}; weights have the dotted names of published checkpoints. Layers draw no randomness,
 * open no managers, and neither change nor close their arguments.
 *
 * <p>These are not DJL {@code Block}s: those infer shapes by running on zeros, join names with underscores, save by
 * position and look every weight up in a store at each call. Letters in shapes: B batch, N tokens, D width, K heads,
 * d head width, C channels, H W image or grid, P patch.
 */
package ai.dsr.core.nn;
