// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.nio.charset.StandardCharsets;

/**
 * Values of the parameters of networks that are too large to store: a function of name and shape alone.
 *
 * <p>An entry's generator is SplitMix64, seeded by the 64-bit FNV-1a hash of its name. It shares nothing with the
 * library's own streams, so that a mistake there cannot hide here.
 */
public final class ParameterRecipe {
    private static final long FNV_BASIS = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double VECTOR_RANGE = 0.1;

    private ParameterRecipe() {}

    /**
     * The values of one floating-point entry of a state dict, row-major.
     *
     * @param name the entry's full name
     * @param shape its sides
     */
    public static float[] values(String name, long... shape) {
        long size = 1;
        long fanIn = 1;
        for (int axis = 0; axis < shape.length; axis++) {
            size *= shape[axis];
            fanIn *= axis == 0 ? 1 : shape[axis];
        }
        long seed = hash(name);
        float[] values = new float[Math.toIntExact(size)];
        for (int i = 0; i < values.length; i++) {
            double u = (mix(seed + (i + 1L) * GOLDEN) >>> 40) * 0x1p-24;
            values[i] = (float) value(name, shape.length, fanIn, u);
        }
        return values;
    }

    private static double value(String name, int dimensions, long fanIn, double u) {
        if (dimensions >= 2) {
            return (2 * u - 1) * Math.sqrt(3.0 / fanIn);
        }
        if (name.endsWith("running_var")) {
            return u + 0.5;
        }
        return (2 * u - 1) * VECTOR_RANGE + (name.endsWith("weight") ? 1 : 0);
    }

    static long hash(String name) {
        long hash = FNV_BASIS;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
        }
        return hash;
    }

    private static long mix(long state) {
        long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
