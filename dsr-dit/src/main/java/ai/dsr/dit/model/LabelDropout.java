// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

/**
 * Replaces labels by the null class, as a function of uniform draws.
 *
 * @param probability share of labels that are dropped, in [0, 1]
 * @param nullClass the label that stands for no class
 */
public record LabelDropout(double probability, int nullClass) {
    /** Checks the probability. */
    public LabelDropout {
        ConfigChecks.probability("class_dropout_prob", probability);
    }

    /**
     * Drops label i where {@code uniform[i] < probability}, compared in float32.
     *
     * @param uniform one number in [0, 1) for each label
     * @return new labels
     */
    public long[] apply(long[] labels, float[] uniform) {
        ConfigChecks.require(uniform.length == labels.length, "uniform", labels.length + " draws", uniform.length);
        long[] kept = labels.clone();
        for (int i = 0; i < kept.length; i++) {
            if (uniform[i] < (float) probability) {
                kept[i] = nullClass;
            }
        }
        return kept;
    }

    /** Drops exactly the labels whose flag is 1; no chance is involved. */
    public long[] force(long[] labels, long[] flags) {
        ConfigChecks.require(flags.length == labels.length, "force_drop_ids", labels.length + " flags", flags.length);
        long[] kept = labels.clone();
        for (int i = 0; i < kept.length; i++) {
            if (flags[i] == 1) {
                kept[i] = nullClass;
            }
        }
        return kept;
    }
}
