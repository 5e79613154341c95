// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** Checks of shapes, with messages that name the argument. */
public final class Shapes {
    /** Stands for a size that may be anything. */
    public static final long ANY = -1;

    private Shapes() {}

    /**
     * Fails unless the array has the shape, where {@link #ANY} matches every size.
     *
     * @throws IllegalArgumentException such as {@code x: expected (*, 256, 768), got (4, 257, 768)}
     */
    public static void require(String name, NDArray array, long... expected) {
        Shape got = array.getShape();
        boolean matches = got.dimension() == expected.length;
        for (int i = 0; matches && i < expected.length; i++) {
            matches = expected[i] == ANY || expected[i] == got.get(i);
        }
        if (!matches) {
            throw new IllegalArgumentException(name + ": expected " + text(expected) + ", got " + got);
        }
    }

    private static String text(long... expected) {
        StringBuilder out = new StringBuilder("(");
        for (int i = 0; i < expected.length; i++) {
            out.append(i == 0 ? "" : ", ").append(expected[i] == ANY ? "*" : Long.toString(expected[i]));
        }
        return out.append(')').toString();
    }
}
