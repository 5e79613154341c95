// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.random;

import java.nio.charset.StandardCharsets;

/**
 * A tree of seeds: {@code SeedTree.of(42).child("noise").at(step).stream()}.
 *
 * <p>Children are named by purpose or by number. A node's state is the SplitMix64 finaliser (Steele, Lea and Flood,
 * 2014) of its parent's state and the hash of its name, so siblings are independent for all practical purposes.
 */
public final class SeedTree {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long FNV_BASIS = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private final long state;

    private SeedTree(long state) {
        this.state = state;
    }

    /** The root of a seed. */
    public static SeedTree of(long seed) {
        return new SeedTree(mix(seed + GOLDEN));
    }

    /** The child for a purpose, such as {@code "noise"}; names are hashed by 64-bit FNV-1a. */
    public SeedTree child(String purpose) {
        long hash = FNV_BASIS;
        for (byte b : purpose.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
        }
        return new SeedTree(mix(state ^ mix(hash)));
    }

    /** The child of a number, such as a step or a sample index. */
    public SeedTree at(long index) {
        return new SeedTree(mix(state + mix(index * GOLDEN + 1)));
    }

    /** The draws of this node, from the first. */
    public RandomStream stream() {
        return new RandomStream(state);
    }

    static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
