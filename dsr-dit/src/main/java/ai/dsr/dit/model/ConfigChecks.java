// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

/** Checks that the configurations of the models share; messages start with the key. */
final class ConfigChecks {
    private ConfigChecks() {}

    static void require(boolean holds, String key, String expected, Object got) {
        if (!holds) {
            throw new IllegalArgumentException(key + ": expected " + expected + ", got " + got);
        }
    }

    static void positive(String key, double value) {
        require(value > 0 && Double.isFinite(value), key, "a positive number", trimmed(value));
    }

    static void heads(String key, int width, int heads) {
        positive("num_heads", heads);
        positive(key, width);
        require(width % heads == 0, key, "a multiple of num_heads (" + heads + ")", width);
    }

    /** Sizes that rotary tables can serve: rows and columns each take half a head, in pairs. */
    static void rotary(String key, int width, int heads) {
        int head = width / heads;
        require(
                head % 4 == 0,
                key,
                "a head width divisible by 4 for rotary positions",
                head + " (" + width + " / " + heads + ")");
    }

    static void positions(String key, int width) {
        require(width % 4 == 0, key, "a multiple of 4 for sine-cosine positions", width);
    }

    static void probability(String key, double value) {
        require(value >= 0 && value <= 1, key, "a probability in [0, 1]", value);
    }

    /** Registers, which have the positions of a square grid, must join before some block. */
    static void registers(int length, int start, int depth, String depthKey) {
        registers(RegisterKind.GRID, length, start, depth, depthKey);
    }

    /** Registers must join before some block, and those with the positions of a grid must fill a square. */
    static void registers(RegisterKind kind, int length, int start, int depth, String depthKey) {
        int side = (int) Math.sqrt(Math.max(length, 0));
        if (kind == RegisterKind.GRID) {
            require(side * side == length, "register_len", "a square number (0, 1, 4, 9, ...)", length);
        }
        require(length >= 0, "register_len", "0 or more", length);
        if (length > 0) {
            String range = "0 to " + (depth - 1) + " (" + depthKey + " is " + depth + ")";
            require(start >= 0 && start < depth, "register_start", range, start);
        }
    }

    private static String trimmed(double value) {
        return value == Math.rint(value) && Double.isFinite(value)
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
