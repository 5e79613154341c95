// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.images;

import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.NpyRows;
import ai.dsr.core.io.NpzFile;
import java.nio.file.Path;

/** The images {@code arr_0 (N, H, W, 3)} of an ADM sample batch, read row by row. */
public final class NpzImages implements ImageSource {
    /** Name of the images in the archive. */
    public static final String IMAGES = "arr_0";

    /** Name of their labels. */
    public static final String LABELS = "arr_1";

    /** Name of our record of how they were made. */
    public static final String ORIGIN = "dsr_origin";

    private final Path path;
    private final int count;
    private final int height;
    private final int width;
    private final ImageOrigin origin;

    /**
     * Opens an archive.
     *
     * @throws IllegalArgumentException naming the file, if it is damaged or holds no images
     */
    public NpzImages(Path path) {
        this.path = path;
        try (NpzFile npz = NpzFile.open(path)) {
            try (NpyRows rows = npz.rows(IMAGES).requireImages()) {
                count = rows.rows();
                height = (int) rows.header().shape().get(1);
                width = (int) rows.header().shape().get(2);
            }
            byte[] json = npz.readBytes(ORIGIN);
            origin = json == null ? ImageOrigin.UNKNOWN : Json.parse(json, ImageOrigin.class, path + ": " + ORIGIN);
        }
    }

    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public ImageOrigin origin() {
        return origin;
    }

    @Override
    public Cursor open() {
        NpzFile npz = NpzFile.open(path);
        NpyRows rows = npz.rows(IMAGES).requireImages();
        byte[] row = new byte[rows.rowBytes()];
        return new Cursor() {
            @Override
            public RgbImage next() {
                rows.next(row);
                return RgbImage.of(width, height, row);
            }

            @Override
            public void close() {
                rows.close();
                npz.close();
            }
        };
    }
}
