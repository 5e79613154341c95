// SPDX-License-Identifier: Apache-2.0

/**
 * Data sets of labelled and captioned images, and the order in which training visits them. No tensors here.
 *
 * <p>Read {@link ai.dsr.core.data.ImageDataset}, {@link ai.dsr.core.data.Split}, {@link ai.dsr.core.data.BatchOrder},
 * {@link ai.dsr.core.data.EmojiIcons}, {@link ai.dsr.core.data.stored.StoredImages}. Samples have a fixed order; which of them
 * are held out, and when each is visited, are functions of keys and seeds.
 */
package ai.dsr.core.data;
