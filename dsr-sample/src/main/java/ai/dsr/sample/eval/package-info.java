// SPDX-License-Identifier: Apache-2.0

/**
 * Figures of generators: what describes images, and what compares the descriptions.
 *
 * <p>{@link ai.dsr.sample.eval.Evaluator} is the one path to all figures. It reads {@link ai.dsr.sample.images.ImageSource}s
 * image by image, describes each alone by a {@link ai.dsr.sample.eval.FeatureNetwork} ({@link
 * ai.dsr.sample.eval.InceptionFeatures} or {@link ai.dsr.sample.eval.EncoderFeatures}), keeps the features on disk in a
 * {@link ai.dsr.sample.eval.FeatureCache} and hands them, sorted by content, to the statistics of {@code
 * ai.dsr.core.stats}. An {@link ai.dsr.sample.eval.EvaluationReport} is the result; each figure carries the hash of what it
 * depends on. {@link ai.dsr.sample.eval.ReferenceFile} stores statistics as ADM's evaluator does.
 */
package ai.dsr.sample.eval;
