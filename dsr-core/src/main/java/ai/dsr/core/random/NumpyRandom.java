// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.random;

import java.util.Arrays;

/**
 * NumPy's legacy generator {@code numpy.random.RandomState(seed)}: the permutations that published evaluators draw.
 *
 * <p>Only for numbers that are to equal theirs; everything else draws from {@link SeedTree}. The generator is MT19937
 * (Matsumoto and Nishimura, 1998). Not safe for use by several threads.
 */
public final class NumpyRandom {
    private static final int STATE = 624;
    private static final int MIDDLE = 397;
    private static final int MATRIX = 0x9908b0df;
    private static final int UPPER = 0x80000000;
    private static final int LOWER = 0x7fffffff;

    private final int[] state = new int[STATE];
    private int at = STATE;

    /** The generator of a seed, which counts modulo 2^32. */
    public NumpyRandom(int seed) {
        state[0] = seed;
        for (int i = 1; i < STATE; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    /** {@code permutation(n)}: the numbers 0 .. n - 1 in random order. */
    public int[] permutation(int n) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int i = n - 1; i > 0; i--) {
            int j = nextUpTo(i);
            int moved = order[i];
            order[i] = order[j];
            order[j] = moved;
        }
        return order;
    }

    /**
     * {@code choice(n, count, replace=False)}: {@code count} different numbers of 0 .. n - 1.
     *
     * @throws IllegalArgumentException if there are fewer than {@code count}
     */
    public int[] choice(int n, int count) {
        if (count < 0 || count > n) {
            throw new IllegalArgumentException("choice: expected at most " + n + " different numbers, got " + count);
        }
        return Arrays.copyOf(permutation(n), count);
    }

    /** Uniform in 0 .. max by rejection under the smallest mask of ones. */
    private int nextUpTo(int max) {
        int mask = -1 >>> Integer.numberOfLeadingZeros(max);
        int value = nextBits() & mask;
        while (value > max) {
            value = nextBits() & mask;
        }
        return value;
    }

    private int nextBits() {
        if (at == STATE) {
            twist();
        }
        int y = state[at++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    private void twist() {
        for (int i = 0; i < STATE; i++) {
            int y = (state[i] & UPPER) | (state[(i + 1) % STATE] & LOWER);
            state[i] = state[(i + MIDDLE) % STATE] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : MATRIX);
        }
        at = 0;
    }
}
