// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import java.util.List;

/**
 * What a reference file of ours says of itself.
 *
 * @param format {@value #FORMAT}
 * @param source the data that it was built of
 * @param count number of images
 * @param imageSize side of the images in pixels, or null if they have several sizes
 * @param transform what brought the images to their size
 * @param features the specs of the networks whose statistics are in the file
 */
public record ReferenceRecord(
        String format, String source, int count, Integer imageSize, String transform, List<FeatureSpec> features) {
    /** Name and version of the layout. */
    public static final String FORMAT = "dsr-reference-1";

    /** Copies the list. */
    public ReferenceRecord {
        features = List.copyOf(features);
    }
}
