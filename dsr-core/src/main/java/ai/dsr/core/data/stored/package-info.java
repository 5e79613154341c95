// SPDX-License-Identifier: Apache-2.0

/**
 * Data sets on disk, however they are laid out.
 *
 * <p>{@link ai.dsr.core.data.stored.StoredImages} is all that others see. A {@code Listing} finds the samples of one
 * layout, a {@code SampleIndex} holds them, {@code IndexCache} keeps the index in a file.
 */
package ai.dsr.core.data.stored;
