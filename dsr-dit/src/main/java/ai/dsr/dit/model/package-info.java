// SPDX-License-Identifier: Apache-2.0

/**
 * Diffusion transformers with registers.
 *
 * <p>Read {@link ai.dsr.dit.model.Denoiser} (what a model is to everybody else), {@link ai.dsr.dit.model.DiTConfig} and
 * {@link ai.dsr.dit.model.LightningDiT} (the single-width model), then {@link ai.dsr.dit.model.LightningDiTBlock} and
 * its parts. {@link ai.dsr.dit.model.DiffusionRegisters} joins the learned tokens,
 * {@link ai.dsr.dit.model.DiTDH} is the model with a wide head.
 *
 * <p>Letters in shapes: B batch, C latent channels, S side of the latent, N tokens, L condition rows, R registers, D
 * width, K heads, d head width. Registers always stand in front of the image tokens. Configurations check themselves
 * before any weight exists; models hold no memory until they are initialised or loaded.
 */
package ai.dsr.dit.model;
