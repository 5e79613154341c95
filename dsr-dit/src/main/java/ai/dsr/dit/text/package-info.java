// SPDX-License-Identifier: Apache-2.0

/**
 * Condition rows of the text-to-image model, read from a causal language model or from a frozen text encoder.
 *
 * <p>A {@link ai.dsr.dit.text.RowReader} makes rows of a {@link ai.dsr.dit.text.TextInput}. Read {@link
 * ai.dsr.dit.text.Conditioner} (the language model behind latent queries), then {@link
 * ai.dsr.dit.text.Qwen2}. Rotary positions here are those of language models: the first half of a head is paired with
 * the second, unlike in the denoisers. For small encoders {@link ai.dsr.dit.text.TextConnector} plays the same part on
 * {@link ai.dsr.dit.text.TextStates}; {@link ai.dsr.dit.text.TextToLatent} is a denoiser with its reader, trained as
 * one.
 */
package ai.dsr.dit.text;
