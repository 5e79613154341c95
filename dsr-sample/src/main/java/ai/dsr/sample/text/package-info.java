// SPDX-License-Identifier: Apache-2.0

/**
 * From a caption to what the model of a configuration takes: states of a text encoder, or token ids for a language model.
 *
 * <p>Read {@link ai.dsr.sample.text.CaptionReader}.
 */
package ai.dsr.sample.text;
