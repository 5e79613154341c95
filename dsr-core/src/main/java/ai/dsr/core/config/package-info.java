// SPDX-License-Identifier: Apache-2.0
/**
 * YAML files to records, strictly.
 *
 * <p>{@link ai.dsr.core.config.Config} holds a parsed tree in which every value knows its line (or the override it came
 * from). {@link ai.dsr.core.config.Config#bind bind} turns a section into a record:
 *
 * <pre>{@code
 * public record OptimizerConfig(double lr, @Default("[0.9, 0.95]") List<Double> betas, @Default("null") Double eps) {}
 *
 * OptimizerConfig optimizer = Config.load(path).bind("training.optimizer", OptimizerConfig.class);
 * }</pre>
 *
 * <p>Conventions.
 *
 * <ul>
 *   <li>A component's key is its name in snake case ({@code clipGrad}: {@code clip_grad}); {@code @JsonProperty} gives
 *       another one (needed where a digit follows an underscore), {@code @JsonAlias} further ones.
 *   <li>A component is required unless it carries {@link ai.dsr.core.config.Default}, the one place of its default. An
 *       instance handed to {@code bind} as defaults stands in for absent keys instead.
 *   <li>A key that published files have and nothing reads carries {@link ai.dsr.core.config.NoEffect}: it is accepted, with
 *       one warning.
 *   <li>Components may be primitives and their boxes, strings, enums, lists, maps with string keys, records, {@link
 *       java.nio.file.Path}, {@link ai.dsr.core.config.Config} (a section to bind later) and {@code Object} (plain Java
 *       values). {@code null} is a value of boxes, and of what has the default {@code null}.
 *   <li>Scalars follow YAML 1.1 with two changes that people expect: {@code 1e-6} is a number, {@code 010} and {@code
 *       1:30} are text.
 *   <li>Every mistake of the file is a {@link ai.dsr.core.config.ConfigException} with file, line and path.
 * </ul>
 */
package ai.dsr.core.config;
