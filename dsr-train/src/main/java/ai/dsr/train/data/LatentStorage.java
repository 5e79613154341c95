// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.TensorData;
import java.nio.ByteBuffer;

/**
 * How latents are kept on disk.
 *
 * @param type float16 (11 significant bits, up to 65504), bfloat16 (8 significant bits, any magnitude) or float32
 */
record LatentStorage(DataType type) {
    /** Bytes of a number. */
    int bytes() {
        return type == DataType.FLOAT32 ? Float.BYTES : Short.BYTES;
    }

    /** The bytes of {@code latents (n, ..., W)} float32, in the order of its elements. */
    ByteBuffer pack(NDArray latents) {
        return type == DataType.BFLOAT16 // which DJL cannot hold, so the host converts
                ? TensorData.of(latents).toFloating(type).bytes()
                : latents.toType(type, false).toByteBuffer();
    }

    /** Latents of a shape as float32, from the bytes that {@link #pack} gave. */
    NDArray unpack(NDManager manager, ByteBuffer bytes, Shape shape) {
        return TensorData.of(type, shape, bytes).toArray(manager, DataType.FLOAT32);
    }

    /**
     * What storage does to {@code latents}, relative to their root mean square.
     *
     * @return the root mean square of the difference and its largest magnitude, both over that of the latents
     */
    double[] error(NDArray latents) {
        try (NDManager scope = latents.getManager().newSubManager()) {
            NDArray stored = unpack(scope, pack(latents), latents.getShape());
            NDArray difference = stored.sub(latents);
            double scale = rms(scope, latents);
            double largest = difference.abs().max().toFloatArray()[0];
            return new double[] {rms(scope, difference) / scale, largest / scale};
        }
    }

    private static double rms(NDManager scope, NDArray x) {
        NDArray handle = x.reshape(x.getShape());
        handle.attach(scope);
        return Math.sqrt(handle.square().mean().toFloatArray()[0]);
    }
}
