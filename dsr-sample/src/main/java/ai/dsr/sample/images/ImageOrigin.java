// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.images;

/**
 * How images were made, as far as it changes what their figures mean.
 *
 * @param transform what brought stored images to their size, such as {@code center crop 64}
 * @param bytes how values became bytes
 * @param labels how classes were dealt out
 * @param seed seed of the noise, or null
 */
public record ImageOrigin(String transform, String bytes, String labels, Long seed) {
    /** Images of which nothing is known but the bytes. */
    public static final ImageOrigin UNKNOWN = new ImageOrigin("as stored", "as stored", "unknown", null);

    /** What our sampler and decoder do: clamp, multiply by 255, cut off. */
    public static final String CUT_OFF = "clamp to [0, 1], times 255, cut off";

    /** Images of a data set, through a transform. */
    public static ImageOrigin ofData(String transform) {
        return new ImageOrigin(transform, "as stored", "of the data", null);
    }
}
