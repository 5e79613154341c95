// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.image.RgbImage;

/**
 * One image of a data set with what is known about it.
 *
 * @param id unique and stable within the data set, such as {@code "noto/red-apple"}
 * @param image the decoded image
 * @param label index into {@link ImageDataset#classNames()}
 * @param caption a description in words
 */
public record Sample(String id, RgbImage image, int label, String caption) {}
