// SPDX-License-Identifier: Apache-2.0

/**
 * Frozen text encoders: a caption in, token states and a pooled vector out.
 *
 * <p>Read {@link ai.dsr.encoders.text.TextEncoder}, {@link ai.dsr.encoders.text.TextFeatures} and
 * {@link ai.dsr.encoders.text.TextEncoderConfig}. Captions are encoded one at a time: a quantised model scales its
 * activations by the whole input, so the company of a caption, and its padding, would change its values.
 */
package ai.dsr.encoders.text;
