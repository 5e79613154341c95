// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.bundle;

import java.util.List;
import java.util.Map;

/**
 * The file {@code manifest.json} of a bundle.
 *
 * @param format {@value #FORMAT}
 * @param classes class names in label order
 * @param imageSize side of the pictures in pixels
 * @param encoderSha256 hash of the weights that the latents come from
 * @param sha256 hash of every other file of the folder that sampling reads
 */
public record BundleManifest(
        String format, List<String> classes, int imageSize, String encoderSha256, Map<String, String> sha256) {
    /** Name and version of the layout. */
    public static final String FORMAT = "dsr-bundle-1";

    /** A manifest of images of these classes, before there are files. */
    public static BundleManifest of(List<String> classes, int imageSize, String encoderSha256) {
        return new BundleManifest(FORMAT, classes, imageSize, encoderSha256, Map.of());
    }

    /** The same with the hashes of files. */
    public BundleManifest withFiles(Map<String, String> hashes) {
        return new BundleManifest(format, classes, imageSize, encoderSha256, hashes);
    }
}
