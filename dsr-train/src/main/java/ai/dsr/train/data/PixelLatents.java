// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.encoders.rae.PixelCodec;
import ai.dsr.sample.images.Images;

/** The pixels of a data set as latents: read from the images at each step, since there is nothing to keep. */
final class PixelLatents implements LatentSource {
    private final ImageDataset images;
    private final int side;
    private final PixelCodec codec = new PixelCodec();

    /** The images, all of {@code side x side} pixels. */
    PixelLatents(ImageDataset images, int side) {
        this.images = images;
        this.side = side;
    }

    @Override
    public int size() {
        return images.size();
    }

    @Override
    public Shape sampleShape() {
        return new Shape(PixelCodec.CHANNELS, side, side);
    }

    @Override
    public NDArray gather(NDManager manager, int[] samples) {
        return codec.toLatents(Images.toTensor(manager, images, samples));
    }
}
