// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.dsr.core.image.ImageGrid;
import ai.dsr.core.image.RgbImage;
import java.util.ArrayList;
import java.util.List;

/** Samples in one picture, each under the name of its class. */
public final class LabelledGrid {
    private LabelledGrid() {}

    /** A nearly square grid of the images of a request, in order. */
    public static RgbImage of(List<RgbImage> images, SampleRequest request, List<String> classNames) {
        List<String> names = new ArrayList<>();
        for (int label : request.labels()) {
            names.add(classNames.get(label));
        }
        int columns = (int) Math.ceil(Math.sqrt(images.size()));
        return ImageGrid.of(images, columns).withLabels(names).render();
    }
}
