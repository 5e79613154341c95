// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.dsr.core.image.RgbImage;
import java.util.List;

/**
 * Pictures of a request.
 *
 * @param images in the order of their numbers
 * @param evaluations how often the denoiser was called for each; guidance does not count twice
 */
public record Drawn(List<RgbImage> images, int evaluations) {
    /** Copies the list. */
    public Drawn {
        images = List.copyOf(images);
    }
}
