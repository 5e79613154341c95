// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import java.util.Arrays;

/** Norms of many tokens, sorted, to ask for quantiles of. */
public final class SortedNorms {
    private final float[] ascending;

    /**
     * Sorts a copy.
     *
     * @throws IllegalArgumentException if there are none
     */
    public SortedNorms(float[] norms) {
        if (norms.length == 0) {
            throw new IllegalArgumentException("norms: expected some, got none");
        }
        ascending = norms.clone();
        Arrays.sort(ascending);
    }

    /** How many. */
    public int count() {
        return ascending.length;
    }

    /** The mean of the two middle norms. */
    public double median() {
        int n = ascending.length;
        return ((double) ascending[(n - 1) / 2] + ascending[n / 2]) / 2;
    }

    /** The smallest norm that at least the share {@code q} of all, 0 to 1, does not exceed. */
    public double quantile(double q) {
        int rank = (int) Math.ceil(q * ascending.length) - 1;
        return ascending[Math.min(Math.max(rank, 0), ascending.length - 1)];
    }

    /** The largest. */
    public double max() {
        return ascending[ascending.length - 1];
    }

    /** The smallest. */
    public double min() {
        return ascending[0];
    }

    /** How many norms lie in each of {@code bins} equal parts of {@code [from, to]}; those outside go to the ends. */
    public int[] histogram(double from, double to, int bins) {
        int[] counts = new int[bins];
        for (float norm : ascending) {
            int bin = (int) ((norm - from) / (to - from) * bins);
            counts[Math.min(Math.max(bin, 0), bins - 1)]++;
        }
        return counts;
    }
}
