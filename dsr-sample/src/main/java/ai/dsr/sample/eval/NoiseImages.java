// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.image.RgbImage;
import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.sample.images.ImageOrigin;
import ai.dsr.sample.images.ImageSource;

/**
 * Images of independent uniform bytes: the far end of every scale.
 *
 * @param count how many
 * @param side side of the square in pixels
 * @param seed of all bytes
 */
public record NoiseImages(int count, int side, long seed) implements ImageSource {
    @Override
    public String name() {
        return "noise";
    }

    @Override
    public ImageOrigin origin() {
        return new ImageOrigin("none", "uniform", "none", seed);
    }

    @Override
    public Cursor open() {
        int[] next = {0};
        return () -> {
            RandomStream stream = SeedTree.of(seed).child("noise images").at(next[0]++).stream();
            byte[] bytes = new byte[side * side * RgbImage.CHANNELS];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) stream.nextInt(256);
            }
            return RgbImage.of(side, side, bytes);
        };
    }
}
