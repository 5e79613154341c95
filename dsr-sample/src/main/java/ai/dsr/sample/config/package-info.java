// SPDX-License-Identifier: Apache-2.0

/**
 * The configuration file of an experiment: one schema for training and sampling.
 *
 * <p>{@link ai.dsr.sample.config.Experiment} binds the sections of the reference ({@code stage_1}, {@code stage_2},
 * {@code transport}, {@code sampler}, {@code guidance}, {@code misc}) and our own ({@code data}, {@code run}, {@code eval}, {@code text}).
 */
package ai.dsr.sample.config;
