// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.images;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.kernel.ConvKernels;
import ai.dsr.core.tensor.EngineArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Pictures to tensors {@code (B, 3, H, W)} in [0, 1], and back. */
public final class Images {
    private Images() {}

    /** The images of some samples of a data set, all of one size. */
    public static NDArray toTensor(NDManager manager, ImageDataset data, int[] samples) {
        List<RgbImage> images = Arrays.stream(samples)
                .parallel() // decoding is most of the work where images are files; the order is that of the samples
                .mapToObj(sample -> data.get(sample).image())
                .toList();
        return toTensor(manager, images);
    }

    /**
     * Images of one size as float32.
     *
     * @throws IllegalArgumentException if the sizes differ
     */
    public static NDArray toTensor(NDManager manager, List<RgbImage> images) {
        return toByteTensor(manager, images).toType(DataType.FLOAT32, false).div(255f);
    }

    /**
     * Images of one size as UINT8 {@code (B, 3, H, W)}.
     *
     * @throws IllegalArgumentException if the sizes differ
     */
    public static NDArray toByteTensor(NDManager manager, List<RgbImage> images) {
        int width = images.get(0).width();
        int height = images.get(0).height();
        int each = width * height * RgbImage.CHANNELS;
        byte[] bytes = new byte[each * images.size()];
        for (int i = 0; i < images.size(); i++) {
            RgbImage image = images.get(i);
            if (image.width() != width || image.height() != height) {
                throw new IllegalArgumentException("images: expected all of " + width + "x" + height + ", got "
                        + image.width() + "x" + image.height());
            }
            image.copyTo(bytes, i * each);
        }
        Shape shape = new Shape(images.size(), height, width, RgbImage.CHANNELS);
        return EngineArray.of(manager, bytes, shape).transpose(0, 3, 1, 2);
    }

    /**
     * Values as bytes, channels last: clamped to [0, 1], multiplied by 255 and cut off, as the field turns samples into
     * files.
     *
     * @param tensor {@code (B, 3, H, W)}
     * @param type FLOAT32, or BFLOAT16 for what a decoder in that type would give
     * @return {@code (B, H, W, 3)} UINT8
     */
    public static NDArray toBytes(NDArray tensor, DataType type) {
        return ConvKernels.levels(tensor, type).transpose(0, 2, 3, 1);
    }

    /** {@link #toBytes} in float32 as images. */
    public static List<RgbImage> toImages(NDArray tensor) {
        return ofBytes(toBytes(tensor, DataType.FLOAT32));
    }

    /** Bytes {@code (B, H, W, 3)} as images. */
    public static List<RgbImage> ofBytes(NDArray tensor) {
        Shape shape = tensor.getShape();
        int height = Math.toIntExact(shape.get(1));
        int width = Math.toIntExact(shape.get(2));
        byte[] bytes = tensor.toByteArray();
        int each = height * width * RgbImage.CHANNELS;
        List<RgbImage> images = new ArrayList<>();
        for (int i = 0; i < shape.get(0); i++) {
            byte[] one = new byte[each];
            System.arraycopy(bytes, i * each, one, 0, each);
            images.add(RgbImage.of(width, height, one));
        }
        return images;
    }
}
