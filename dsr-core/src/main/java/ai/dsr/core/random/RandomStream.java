// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.random;

/**
 * The draws of one {@link SeedTree} node: SplitMix64 bits, turned into uniform and normal numbers one for one.
 *
 * <p>Draw i uses only the i-th output, and normals come from the inverse distribution function rather than by
 * rejection, so a stream gives the same values on every machine and Java version. Not safe for use by several threads.
 */
public final class RandomStream {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    private long state;

    RandomStream(long state) {
        this.state = state;
    }

    /** The next 64 random bits. */
    public long nextLong() {
        state += GOLDEN;
        return SeedTree.mix(state);
    }

    /** Uniform in [0, 1) with 53 bits. */
    public double nextUniform() {
        return (nextLong() >>> 11) * UNIT;
    }

    /** Uniform in 0 .. bound - 1; bound at least 1. The bias is below bound / 2^64. */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound: expected 1 or more, got " + bound);
        }
        long bits = nextLong();
        return (int) (Math.multiplyHigh(bits, bound) + ((bits >> 63) & bound)); // unsigned high half of the product
    }

    /** Standard normal. */
    public double nextNormal() {
        return NormalQuantile.of(((nextLong() >>> 11) + 0.5) * UNIT);
    }

    /** Fills {@code length} values from {@code offset} with standard normals. */
    public void fillNormal(float[] values, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            values[i] = (float) nextNormal();
        }
    }

    /** Returns {@code count} standard normals. */
    public float[] normals(int count) {
        float[] values = new float[count];
        fillNormal(values, 0, count);
        return values;
    }

    /** A uniform number in [0, 1) of 24 bits, so that it stays below 1 as a float. */
    public float nextUniformFloat() {
        return (nextLong() >>> 40) * 0x1.0p-24f;
    }
}
