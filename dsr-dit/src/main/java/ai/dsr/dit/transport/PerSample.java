// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** One number a sample, against states of any number of axes. */
public final class PerSample {
    private PerSample() {}

    /**
     * Values {@code (B)} as {@code (B, 1, ...)} with as many axes as {@code x (B, ...)}.
     *
     * @throws IllegalArgumentException if the batch sizes differ
     */
    public static NDArray over(NDArray values, NDArray x) {
        long batch = x.getShape().get(0);
        if (values.getShape().dimension() != 1 || values.getShape().get(0) != batch) {
            throw new IllegalArgumentException("t: expected (" + batch + "), got " + values.getShape());
        }
        long[] shape = new long[x.getShape().dimension()];
        Arrays.fill(shape, 1);
        shape[0] = batch;
        return values.reshape(new Shape(shape));
    }

    /** The mean of {@code x (B, ...)} over all axes but the first, {@code (B)}. */
    public static NDArray mean(NDArray x) {
        return x.reshape(x.getShape().get(0), -1).mean(new int[] {1});
    }
}
