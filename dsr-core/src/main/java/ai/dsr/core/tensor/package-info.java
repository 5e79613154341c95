// SPDX-License-Identifier: Apache-2.0

/**
 * Lifetimes and shapes of tensors.
 *
 * <p>{@link ai.dsr.core.tensor.TensorScope} bounds the life of the arrays of one step; {@link ai.dsr.core.tensor.Shapes}
 * checks what a caller hands in; {@link ai.dsr.core.tensor.EngineArray} is how values of the Java heap become one.
 */
package ai.dsr.core.tensor;
