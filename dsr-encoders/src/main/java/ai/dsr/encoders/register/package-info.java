// SPDX-License-Identifier: Apache-2.0

/**
 * Outlier tokens of vision transformers and the registers that take them in without training.
 *
 * <p>Read {@link ai.dsr.encoders.register.OutlierNorms} (which tokens are outliers), then
 * {@link ai.dsr.encoders.register.RegisterPlan} (which MLP neurons write them and where their activation should go),
 * {@link ai.dsr.encoders.register.TestTimeRegisters} (a network with a plan at work),
 * {@link ai.dsr.encoders.register.NeuronSearch} (one pass that finds the neurons) and
 * {@link ai.dsr.encoders.register.RecursiveSearch} (passes until the outliers are gone).
 *
 * <p>Letters in shapes: B batch, T all rows, P patches, R registers, D width, F hidden width of an MLP. Registers are the
 * last rows. Layers and neurons count from 0. Sources: Darcet et al., 2024 (registers); Jiang et al., 2025 (test-time
 * registers); "Taming Outlier Tokens in Diffusion Transformers", arXiv 2605.05206 (signed maximum, recursion).
 */
package ai.dsr.encoders.register;
