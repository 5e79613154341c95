// SPDX-License-Identifier: Apache-2.0

/**
 * Operators that DJL's {@code NDArray} lacks, each as one typed method.
 *
 * <p>Read {@code kernels.torchscript} (the operators, as TorchScript source), then {@link ai.dsr.core.kernel.Kernels},
 * {@link ai.dsr.core.kernel.ImageKernels}, {@link ai.dsr.core.kernel.Autograd} and
 * {@link ai.dsr.core.kernel.OptimizerKernels}. {@code ScriptArchive} turns the source into an archive in memory and
 * {@code ScriptModule} calls it. This is the only package that imports {@code ai.djl.pytorch}.
 *
 * <p>Conventions: a result belongs to the manager of its first operand, so activations come first and weights last.
 * Nothing here changes an argument unless its name ends in {@code InPlace}. Gradients are recorded exactly while an
 * {@link ai.dsr.core.kernel.Autograd} is open on the calling thread.
 */
package ai.dsr.core.kernel;
