// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Sample;
import ai.dsr.core.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Images of one pixel whose colour is their number; some of them cannot be read. */
public final class NumberedImages implements ImageDataset {
    private final int size;
    private final Set<Integer> corrupt;
    private final AtomicInteger reads = new AtomicInteger();

    /** {@code size} images, of which those with a number in {@code corrupt} cannot be read. */
    public NumberedImages(int size, Integer... corrupt) {
        this.size = size;
        this.corrupt = Set.of(corrupt);
    }

    /** The number of an image. */
    public static int number(RgbImage image) {
        return image.get(0, 0, 0) << 16 | image.get(0, 0, 1) << 8 | image.get(0, 0, 2);
    }

    /** How often an image was asked for; starts anew. */
    int takeReads() {
        return reads.getAndSet(0);
    }

    @Override
    public String name() {
        return "numbers";
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Sample get(int i) {
        reads.incrementAndGet();
        if (corrupt.contains(i)) {
            throw new UncheckedIOException("image " + i + " is broken", new IOException());
        }
        RgbImage image = RgbImage.of(1, 1, new byte[] {(byte) (i >> 16), (byte) (i >> 8), (byte) i});
        return new Sample(Integer.toString(i), image, 0, "number " + i);
    }

    @Override
    public int label(int index) {
        return 0;
    }

    @Override
    public List<String> classNames() {
        return List.of("number");
    }

    @Override
    public String fingerprint() {
        return "0".repeat(64);
    }
}
