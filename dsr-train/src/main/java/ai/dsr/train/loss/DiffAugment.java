// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.config.Default;
import ai.dsr.core.kernel.AdversarialKernels;
import ai.dsr.core.tensor.EngineArray;

/**
 * Differentiable augmentation of all images that a discriminator sees, real and generated (Zhao et al., 2020): translation,
 * colour and cut-out, each for the whole batch or not at all. Section {@code gan.disc.augment}.
 *
 * @param prob probability of each; 0 changes nothing, a negative one leaves cut-out out
 * @param cutout sides of the blanked rectangle as a share of the image's, in [0, 1]
 */
public record DiffAugment(@Default("1.0") double prob, @Default("0.2") double cutout) {
    /** Uniform numbers for each sample: two shifts, brightness, saturation, contrast, two places of the cut-out. */
    public static final int VALUES = 7;

    /** What decides whether translation, colour and cut-out take place. */
    public static final int GATES = 3;

    /** Nothing is changed. */
    public static final DiffAugment NONE = new DiffAugment(0, 0);

    private static final double OFF = 1e-6;
    private static final double SHIFT = 0.125;
    private static final double SIGMAS = 3;

    /** Checks the shares. */
    public DiffAugment {
        if (!(prob >= -1 && prob <= 1)) {
            throw new IllegalArgumentException("prob: expected a number in [-1, 1], got " + prob);
        }
        if (!(cutout >= 0 && cutout <= 1)) {
            throw new IllegalArgumentException("cutout: expected a share in [0, 1], got " + cutout);
        }
    }

    /**
     * The random numbers of a batch, uniform in [0, 1).
     *
     * @param gates {@value #GATES} numbers
     * @param values {@value #VALUES} rows of one number a sample; null if no gate is on
     */
    @SuppressWarnings("ArrayRecordComponent") // as drawn, and read once
    public record Draws(float[] gates, float[][] values) {}

    /** Augments {@code images (B, C, H, W)}; what is recorded can be differentiated. */
    public NDArray apply(NDArray images, Draws draws) {
        return apply(images, draws, 0);
    }

    /**
     * The same after a blur of standard deviation {@code blur sqrt(H / 2)} pixels.
     *
     * @param blur 0 or less: none
     */
    public NDArray apply(NDArray images, Draws draws, double blur) {
        if (Math.abs(prob) < OFF) {
            return images;
        }
        NDArray x = blurred(images, blur);
        if (isOn(draws, 0)) {
            x = translated(x, draws.values);
        }
        if (isOn(draws, 1)) {
            x = recolored(x, draws.values);
        }
        return prob > 0 && isOn(draws, 2) ? cut(x, draws.values) : x;
    }

    private boolean isOn(Draws draws, int gate) {
        return draws.gates[gate] <= Math.abs(prob);
    }

    /** Halves of the exponent are counted in base two: the kernel is {@code 2^-(i / sigma)^2}. */
    private static NDArray blurred(NDArray x, double blur) {
        double sigma = blur * Math.sqrt(x.getShape().get(2) / 2.0);
        int radius = (int) Math.floor(SIGMAS * sigma);
        if (radius < 1) {
            return x;
        }
        double[] weights = new double[2 * radius + 1];
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.pow(2, -Math.pow((i - radius) / sigma, 2));
            sum += weights[i];
        }
        float[] window = new float[weights.length];
        for (int i = 0; i < window.length; i++) {
            window[i] = (float) (weights[i] / sum);
        }
        return AdversarialKernels.blur(x, EngineArray.of(x.getManager(), window));
    }

    private static NDArray translated(NDArray x, float[][] values) {
        NDArray rows = shifted(x, 2, values[0]);
        NDArray columns = shifted(x, 3, values[1]);
        return AdversarialKernels.pick(x, rows, columns);
    }

    /** The sources {@code (B, size)} of all places along an axis, counted from the border of zeros. */
    private static NDArray shifted(NDArray x, int axis, float[] uniform) {
        int size = Math.toIntExact(x.getShape().get(axis));
        int most = (int) Math.rint(SHIFT * size); // rint: halves to even
        long[] sources = new long[uniform.length * size];
        for (int sample = 0; sample < uniform.length; sample++) {
            int shift = floor(uniform[sample] * (2 * most + 1)) - most;
            for (int i = 0; i < size; i++) {
                sources[sample * size + i] = Math.min(Math.max(i + shift + 1, 0), size + 1);
            }
        }
        return EngineArray.of(x.getManager(), sources).reshape(uniform.length, size);
    }

    private static NDArray recolored(NDArray x, float[][] values) {
        NDManager manager = x.getManager();
        int samples = values[0].length;
        float[] brightness = new float[samples];
        float[] saturation = new float[samples];
        float[] contrast = new float[samples];
        for (int i = 0; i < samples; i++) {
            brightness[i] = values[2][i] - 0.5f;
            saturation[i] = 2 * values[3][i];
            contrast[i] = values[4][i] + 0.5f;
        }
        return AdversarialKernels.recolor(
                x,
                EngineArray.of(manager, brightness),
                EngineArray.of(manager, saturation),
                EngineArray.of(manager, contrast));
    }

    private NDArray cut(NDArray x, float[][] values) {
        return AdversarialKernels.blank(x, marked(x, 2, values[5]), marked(x, 3, values[6]));
    }

    /** Which places {@code (B, size)} along an axis the rectangle covers. */
    private NDArray marked(NDArray x, int axis, float[] uniform) {
        int size = Math.toIntExact(x.getShape().get(axis));
        int length = (int) Math.rint(size * cutout);
        boolean[] marks = new boolean[uniform.length * size];
        for (int sample = 0; sample < uniform.length; sample++) {
            int first = floor(uniform[sample] * (size + 1 - length % 2)) - length / 2;
            for (int i = Math.max(first, 0); i < Math.min(first + length, size); i++) {
                marks[sample * size + i] = true;
            }
        }
        return EngineArray.of(x.getManager(), marks).reshape(uniform.length, size);
    }

    private static int floor(float value) {
        return (int) Math.floor(value);
    }
}
