// SPDX-License-Identifier: Apache-2.0

/**
 * Files of the Python code to files of this library.
 *
 * <p>{@link ai.dsr.sample.convert.Source} says what a file is, {@link ai.dsr.sample.convert.Conversion} checks it against a
 * configuration and writes weights or a whole bundle. {@link ai.dsr.sample.convert.Goldens} are stored results, with which
 * {@link ai.dsr.sample.convert.DenoiserCheck}, {@link ai.dsr.sample.convert.DecoderCheck}, {@link
 * ai.dsr.sample.convert.EncoderCheck} and {@link ai.dsr.sample.convert.TensorCheck} compare what was converted. Nothing is
 * written before everything has been checked.
 */
package ai.dsr.sample.convert;
