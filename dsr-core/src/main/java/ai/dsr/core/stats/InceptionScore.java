// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

/**
 * Inception score (Salimans et al., 2016): {@code exp} of the mean divergence of an image's class distribution from the
 * mean distribution of its split. All in float64; a term of probability 0 is 0.
 *
 * @param splitScores score of each split
 * @param mean their mean, as it is published
 * @param std their population standard deviation
 */
@SuppressWarnings("ArrayRecordComponent") // plain results, compared by nobody
public record InceptionScore(double[] splitScores, double mean, double std) {
    /** Images in a split of ADM's evaluator. */
    public static final int ADM_SPLIT_SIZE = 5000;

    /** Splits of torch-fidelity. */
    public static final int FIDELITY_SPLITS = 10;

    /** Seed of torch-fidelity's shuffle. */
    public static final int FIDELITY_SEED = 2020;

    private static final int BLOCK = 256; // rows in memory at a time

    /**
     * As ADM's evaluator: images in order, in runs of {@code splitSize}; a shorter last run weighs as much as the others.
     *
     * @param probabilities {@code (N, C)}, N 1 or more
     */
    public static InceptionScore adm(FeatureRows probabilities, int splitSize) {
        if (splitSize < 1 || probabilities.count() < 1) {
            throw new IllegalArgumentException(
                    "split_size and images: expected 1 or more, got " + splitSize + " and " + probabilities.count());
        }
        double[] scores = new double[(probabilities.count() + splitSize - 1) / splitSize];
        for (int split = 0; split < scores.length; split++) {
            int first = split * splitSize;
            scores[split] = score(probabilities, first, Math.min(splitSize, probabilities.count() - first));
        }
        return of(scores);
    }

    /**
     * As torch-fidelity: {@code splits} parts of nearly equal size after a permutation.
     *
     * @param logits {@code (N, C)} without the classifier's bias
     * @param permutation image {@code permutation[i]} takes place i; null leaves the images in order
     * @throws IllegalArgumentException if there are fewer images than splits
     */
    public static InceptionScore torchFidelity(FeatureRows logits, int splits, int[] permutation) {
        int n = logits.count();
        if (splits < 1 || n < splits) {
            throw new IllegalArgumentException(
                    "isc_splits: expected 1 to the number of images (" + n + "), got " + splits);
        }
        if (permutation != null && permutation.length != n) {
            throw new IllegalArgumentException("permutation: expected " + n + " places, got " + permutation.length);
        }
        FeatureRows probabilities = softmax(permutation == null ? logits : permuted(logits, permutation));
        double[] scores = new double[splits];
        for (int split = 0; split < splits; split++) {
            int first = (int) ((long) split * n / splits);
            int end = (int) ((split + 1L) * n / splits);
            scores[split] = score(probabilities, first, end - first);
        }
        return of(scores);
    }

    /** The softmax over each row of {@code logits (N, C)}, computed when rows are asked for. */
    public static FeatureRows softmax(FeatureRows logits) {
        return mapped(logits, (first, n) -> {
            double[] rows = logits.rows(first, n);
            int classes = logits.width();
            for (int start = 0; start < rows.length; start += classes) {
                double largest = Double.NEGATIVE_INFINITY;
                for (int c = start; c < start + classes; c++) {
                    largest = Math.max(largest, rows[c]);
                }
                double sum = 0;
                for (int c = start; c < start + classes; c++) {
                    rows[c] = Math.exp(rows[c] - largest);
                    sum += rows[c];
                }
                for (int c = start; c < start + classes; c++) {
                    rows[c] /= sum;
                }
            }
            return rows;
        });
    }

    private static FeatureRows permuted(FeatureRows rows, int[] permutation) {
        return mapped(rows, (first, n) -> {
            int width = rows.width();
            double[] result = new double[n * width];
            for (int i = 0; i < n; i++) {
                System.arraycopy(rows.rows(permutation[first + i], 1), 0, result, i * width, width);
            }
            return result;
        });
    }

    private static double score(FeatureRows probabilities, int first, int n) {
        int classes = probabilities.width();
        double[] mean = new double[classes];
        for (int at = first; at < first + n; at += BLOCK) {
            double[] rows = probabilities.rows(at, Math.min(BLOCK, first + n - at));
            for (int i = 0; i < rows.length; i++) {
                mean[i % classes] += rows[i] / n;
            }
        }
        double divergence = 0;
        for (int at = first; at < first + n; at += BLOCK) {
            double[] rows = probabilities.rows(at, Math.min(BLOCK, first + n - at));
            for (int i = 0; i < rows.length; i++) {
                if (rows[i] > 0) {
                    divergence += rows[i] * (Math.log(rows[i]) - Math.log(mean[i % classes]));
                }
            }
        }
        return Math.exp(divergence / n);
    }

    private static InceptionScore of(double... scores) {
        double mean = 0;
        for (double score : scores) {
            mean += score / scores.length;
        }
        double variance = 0;
        for (double score : scores) {
            variance += (score - mean) * (score - mean) / scores.length;
        }
        return new InceptionScore(scores, mean, Math.sqrt(variance));
    }

    private interface RowFunction {
        double[] rows(int first, int n);
    }

    private static FeatureRows mapped(FeatureRows source, RowFunction function) {
        return new FeatureRows() {
            @Override
            public int count() {
                return source.count();
            }

            @Override
            public int width() {
                return source.width();
            }

            @Override
            public double[] rows(int first, int n) {
                return function.rows(first, n);
            }
        };
    }
}
