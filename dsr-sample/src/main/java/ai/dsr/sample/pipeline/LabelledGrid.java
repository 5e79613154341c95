// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.dsr.core.image.ImageGrid;
import ai.dsr.core.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/** Samples in one picture, each above the name of its class or its prompt. */
public final class LabelledGrid {
    private static final int MAX_COLUMNS = 8;

    private LabelledGrid() {}

    /** A grid of the images of a request, in order, eight in a row at most. */
    public static RgbImage of(List<RgbImage> images, SampleRequest request, List<String> classNames) {
        List<String> names = new ArrayList<>();
        for (int label : request.labels()) {
            names.add(classNames.get(label));
        }
        return of(images, names);
    }

    /** A grid of images in order, eight in a row at most, each above its label. */
    public static RgbImage of(List<RgbImage> images, List<String> labels) {
        return ImageGrid.of(images, MAX_COLUMNS).withLabels(labels).render();
    }
}
