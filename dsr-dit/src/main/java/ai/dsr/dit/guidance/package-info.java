// SPDX-License-Identifier: Apache-2.0

/**
 * Guidance: denoisers made of denoisers.
 *
 * <p>{@link ai.dsr.dit.guidance.GuidanceConfig#guide} wraps a model in {@link
 * ai.dsr.dit.guidance.ClassifierFreeGuidance} or {@link ai.dsr.dit.guidance.AutoGuidance}; {@link
 * ai.dsr.dit.guidance.GuidanceInterval} says at which times. What is combined are raw model outputs, before they are
 * converted to a drift. A guided denoiser has the shapes of an unguided one.
 */
package ai.dsr.dit.guidance;
