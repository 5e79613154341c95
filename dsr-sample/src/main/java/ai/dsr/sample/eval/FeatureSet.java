// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import ai.dsr.core.stats.FeatureRows;
import ai.dsr.sample.images.ImageSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The features of a set of images, which stay on disk.
 *
 * <p>Statistics read them sorted by the content of the images. So they are equal to the last bit for equal sets of images,
 * in whatever order and by however many attempts these came. What depends on the order, the splits of the inception
 * score, reads them in the order of the source.
 */
public final class FeatureSet {
    private final FeatureCache cache;
    private final List<ContentHash> inOrder;
    private final List<ContentHash> sorted;

    private FeatureSet(FeatureCache cache, List<ContentHash> hashes) {
        this.cache = cache;
        inOrder = List.copyOf(hashes);
        sorted = inOrder.stream().sorted().toList();
    }

    /**
     * Computes what the cache does not hold yet.
     *
     * @param network gives the features; of the cache's spec
     * @param manager under which images are computed
     * @param progress is stepped once an image
     */
    public static FeatureSet extract(
            ImageSource source, FeatureNetwork network, FeatureCache cache, NDManager manager, Progress progress) {
        List<ContentHash> hashes = new ArrayList<>(source.count());
        try (ImageSource.Cursor cursor = source.open()) {
            for (int i = 0; i < source.count(); i++) {
                RgbImage image = cursor.next();
                ContentHash hash = ContentHash.of(image);
                if (!cache.has(hash)) {
                    try (NDManager scope = manager.newSubManager()) {
                        cache.put(hash, network.extract(scope, image));
                    }
                }
                hashes.add(hash);
                progress.step(1);
            }
        }
        return new FeatureSet(cache, hashes);
    }

    /** Number of images. */
    public int count() {
        return inOrder.size();
    }

    /** What the features are of. */
    public FeatureSpec spec() {
        return cache.spec();
    }

    /** A part of the features, sorted by content. */
    public FeatureRows sorted(String part) {
        return rows(sorted, part);
    }

    /** A part of the features in the order of the source. */
    public FeatureRows inOrder(String part) {
        return rows(inOrder, part);
    }

    /** Every second image of the sorted set: half of it, chosen as if by lot and yet the same each time. */
    public FeatureRows half(String part) {
        List<ContentHash> half = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i += 2) {
            half.add(sorted.get(i));
        }
        return rows(half, part);
    }

    private FeatureRows rows(List<ContentHash> hashes, String part) {
        int width = spec().width(part);
        int offset = spec().offset(part);
        return new FeatureRows() {
            @Override
            public int count() {
                return hashes.size();
            }

            @Override
            public int width() {
                return width;
            }

            @Override
            public double[] rows(int first, int n) {
                double[] rows = new double[n * width];
                for (int i = 0; i < n; i++) {
                    cache.read(hashes.get(first + i), offset, width, rows, i * width);
                }
                return rows;
            }
        };
    }
}
