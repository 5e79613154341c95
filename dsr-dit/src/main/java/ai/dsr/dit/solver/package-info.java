// SPDX-License-Identifier: Apache-2.0

/**
 * Sampling: from noise to latents along a grid of times.
 *
 * <p>Read {@link ai.dsr.dit.solver.Sampler}, which joins a transport and a denoiser, then {@link
 * ai.dsr.dit.solver.RungeKuttaOde} and {@link ai.dsr.dit.solver.SdeSolver}. Solvers are stateless and draw nothing: noise
 * is an argument. Time falls from 1 (noise) to 0 (data); {@code num_steps} counts the points of the grid, of which there
 * is one more than intervals. Every step runs in a scope of its own, so memory does not grow with the number of steps.
 */
package ai.dsr.dit.solver;
