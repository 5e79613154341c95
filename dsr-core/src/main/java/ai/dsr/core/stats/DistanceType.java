// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import java.util.Locale;

/** In which numbers the distances of precision and recall are computed and compared. */
public enum DistanceType {
    /** Features, distances, radii and comparisons in float32: the default. */
    FLOAT32,
    /** The same in float64. */
    FLOAT64,
    /**
     * As ADM's evaluator (Dhariwal and Nichol, 2021), whose numbers are the published ones: features and every
     * intermediate result rounded to float16; a block of 10,000 by 10,000 distances in which one is not finite is
     * computed in float32 from the unrounded features.
     */
    ADM;

    /** The type of a name, {@code float32}, {@code float64} or {@code adm}. */
    public static DistanceType of(String name) {
        for (DistanceType type : values()) {
            if (type.label().equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("distance_dtype: expected float32, float64 or adm, got " + name);
    }

    /** The name in files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
