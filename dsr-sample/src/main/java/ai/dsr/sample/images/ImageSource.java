// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.images;

import ai.dsr.core.image.RgbImage;
import java.util.Iterator;
import java.util.List;

/** A set of images that is read from the first to the last, as often as wanted, one at a time. */
public interface ImageSource {
    /** What people call it. */
    String name();

    /** Number of images, 1 or more. */
    int count();

    /** Begins to read; the caller closes it. */
    Cursor open();

    /** What is known of how the images were made. */
    default ImageOrigin origin() {
        return ImageOrigin.UNKNOWN;
    }

    /** The first images of this source, {@code most} at most. */
    default ImageSource limit(int most) {
        ImageSource all = this;
        return new ImageSource() {
            @Override
            public String name() {
                return all.name();
            }

            @Override
            public int count() {
                return Math.min(most, all.count());
            }

            @Override
            public Cursor open() {
                return all.open();
            }

            @Override
            public ImageOrigin origin() {
                return all.origin();
            }
        };
    }

    /** A reading of the images in order. */
    interface Cursor extends AutoCloseable {
        /**
         * The next image.
         *
         * @throws RuntimeException naming the file if it cannot be read; there is none after {@code count}
         */
        RgbImage next();

        @Override
        default void close() {}
    }

    /** Images in memory. */
    static ImageSource of(String name, List<RgbImage> images, ImageOrigin origin) {
        return new ImageSource() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public int count() {
                return images.size();
            }

            @Override
            public Cursor open() {
                Iterator<RgbImage> iterator = images.iterator();
                return iterator::next;
            }

            @Override
            public ImageOrigin origin() {
                return origin;
            }
        };
    }
}
