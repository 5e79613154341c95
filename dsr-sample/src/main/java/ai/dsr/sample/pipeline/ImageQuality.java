// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.NDArray;

/** How close reconstructions are to their originals. */
public final class ImageQuality {
    /** Below this mean squared error images count as equal: 100 dB. */
    private static final float LEAST_ERROR = 1e-10f;

    private ImageQuality() {}

    /** Mean over images of the peak signal-to-noise ratio in dB; {@code (B, 3, H, W)} in [0, 1], clamped to it first. */
    public static double psnr(NDArray reconstructions, NDArray originals) {
        long batch = originals.getShape().get(0);
        NDArray difference = reconstructions.clip(0, 1).sub(originals);
        NDArray error = difference.square().reshape(batch, -1).mean(new int[] {1}); // (B)
        return error.maximum(LEAST_ERROR).log10().mul(-10).mean().toFloatArray()[0];
    }
}
