// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.util.Collection;
import java.util.Locale;

/** Spelling of keys: snake case, and which known key a misspelt one was meant to be. */
final class KeyNames {
    private KeyNames() {}

    /** {@code hiddenSize} to {@code hidden_size}, {@code adaLN} to {@code ada_ln}, {@code OFF} to {@code off}. */
    static String snake(String javaName) {
        return javaName.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    /** The fault of an unknown key with the nearest known one, or with all known ones if none is near. */
    static String unknown(String key, Collection<String> known) {
        String nearest = null;
        int best = Math.max(2, key.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(key, candidate);
            if (distance < best) {
                best = distance;
                nearest = candidate;
            }
        }
        if (nearest != null) {
            return "unknown key; did you mean " + nearest + "?";
        }
        return known.isEmpty()
                ? "unknown key; none are known here"
                : "unknown key; known are " + String.join(", ", known);
    }

    /** Levenshtein distance: insertions, deletions and replacements. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
