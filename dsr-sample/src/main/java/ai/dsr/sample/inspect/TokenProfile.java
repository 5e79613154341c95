// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.encoders.register.SortedNorms;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Norms of the grid tokens of some layers over many images, and the attention of these layers. Filled image by image; any
 * transformer over a grid can fill one.
 */
public final class TokenProfile {
    private final List<String> layers;
    private final int height;
    private final int width;
    private final List<List<float[]>> norms = new ArrayList<>();
    private final List<List<boolean[]>> outliers = new ArrayList<>();
    private final AttentionMass[] attention;
    private final int[] attentionImages;

    /**
     * An empty profile.
     *
     * @param layers what the layers are called
     * @param height rows of the grid
     * @param width columns of the grid
     */
    public TokenProfile(List<String> layers, int height, int width) {
        this.layers = List.copyOf(layers);
        this.height = height;
        this.width = width;
        attention = new AttentionMass[layers.size()];
        attentionImages = new int[layers.size()];
        layers.forEach(layer -> {
            norms.add(new ArrayList<>());
            outliers.add(new ArrayList<>());
        });
    }

    /**
     * Adds an image in one layer.
     *
     * @param norm of each token, row by row
     * @param isOutlier of each token
     */
    public void add(int layer, float[] norm, boolean[] isOutlier) {
        if (norm.length != height * width || isOutlier.length != norm.length) {
            throw new IllegalArgumentException("norms: expected " + height * width + " of a " + height + "x" + width
                    + " grid, got " + norm.length);
        }
        norms.get(layer).add(norm.clone());
        outliers.get(layer).add(isOutlier.clone());
    }

    /** Adds the attention of an image in one layer. */
    public void addAttention(int layer, AttentionMass mass) {
        attention[layer] = (attention[layer] == null ? AttentionMass.ZERO : attention[layer]).plus(mass);
        attentionImages[layer]++;
    }

    /** Names of the layers. */
    public List<String> layers() {
        return layers;
    }

    /** Rows of the grid. */
    public int height() {
        return height;
    }

    /** Columns of the grid. */
    public int width() {
        return width;
    }

    /** How many images were added. */
    public int imageCount() {
        return norms.get(0).size();
    }

    /** Norms of an image, row by row. */
    public float[] norms(int layer, int image) {
        return norms.get(layer).get(image).clone();
    }

    /** Which tokens of an image are outliers, row by row. */
    public boolean[] outliers(int layer, int image) {
        return outliers.get(layer).get(image).clone();
    }

    /** All norms of a layer. */
    public SortedNorms sorted(int layer) {
        float[] all = new float[imageCount() * height * width];
        for (int image = 0; image < imageCount(); image++) {
            System.arraycopy(norms.get(layer).get(image), 0, all, image * height * width, height * width);
        }
        return new SortedNorms(all);
    }

    /** Largest norm over median of an image. */
    public double ratio(int layer, int image) {
        SortedNorms sorted = new SortedNorms(norms.get(layer).get(image));
        return sorted.max() / sorted.median();
    }

    /** The images with the largest {@link #ratio} in a layer, at most {@code count}, the largest first. */
    public List<Integer> mostExtreme(int layer, int count) {
        return IntStream.range(0, imageCount())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer image) -> ratio(layer, image))
                        .reversed())
                .limit(count)
                .toList();
    }

    /** In how many images each place of the grid is an outlier. */
    public int[] outlierCounts(int layer) {
        int[] counts = new int[height * width];
        for (boolean[] flags : outliers.get(layer)) {
            for (int i = 0; i < counts.length; i++) {
                counts[i] += flags[i] ? 1 : 0;
            }
        }
        return counts;
    }

    /** The statistics of all layers. */
    public List<LayerStatistics> statistics() {
        return IntStream.range(0, layers.size()).mapToObj(this::statistics).toList();
    }

    private LayerStatistics statistics(int layer) {
        SortedNorms sorted = sorted(layer);
        double[] ratios = IntStream.range(0, imageCount())
                .mapToDouble(image -> ratio(layer, image))
                .toArray();
        int[] counts = outlierCounts(layer);
        long withOutliers = outliers.get(layer).stream()
                .filter(flags -> IntStream.range(0, flags.length).anyMatch(i -> flags[i]))
                .count();
        return new LayerStatistics(
                layers.get(layer),
                sorted.count(),
                sorted.min(),
                sorted.quantile(0.05),
                sorted.median(),
                sorted.quantile(0.95),
                sorted.quantile(0.99),
                sorted.max(),
                IntStream.range(0, ratios.length)
                        .mapToDouble(i -> ratios[i])
                        .average()
                        .orElseThrow(),
                IntStream.range(0, ratios.length)
                        .mapToDouble(i -> ratios[i])
                        .max()
                        .orElseThrow(),
                (double) IntStream.of(counts).sum() / sorted.count(),
                (double) withOutliers / imageCount(),
                positions(counts),
                attentionImages[layer] == 0 ? null : attention[layer].times(1.0 / attentionImages[layer]));
    }

    private List<LayerStatistics.Position> positions(int[] counts) {
        return IntStream.range(0, counts.length)
                .filter(i -> counts[i] > 0)
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> counts[i]).reversed())
                .limit(LayerStatistics.MAX_POSITIONS)
                .map(i -> new LayerStatistics.Position(i / width, i % width, counts[i]))
                .toList();
    }
}
