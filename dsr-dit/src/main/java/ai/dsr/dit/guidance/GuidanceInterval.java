// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.transport.PerSample;
import java.util.List;

/**
 * At which times guidance acts (Kynkaanniemi et al., 2024): {@code weak + scale (strong - weak)}, elsewhere the strong
 * prediction alone. There are two rules, which differ in sense, in their ends and in whose time counts.
 */
public sealed interface GuidanceInterval {
    /**
     * Whether the weak prediction takes part at all.
     *
     * @param t times of the batch on the host
     */
    boolean isWeakNeeded(float[] t);

    /**
     * Combines two predictions.
     *
     * @param strong prediction to move to, {@code (B, C, H, W)}
     * @param weak prediction to move away from, {@code (B, C, H, W)}
     * @param t times of the batch on the host
     * @param scale how far to move
     * @return {@code (B, C, H, W)}
     */
    NDArray combine(NDArray strong, NDArray weak, float[] t, double scale);

    private static NDArray extrapolate(NDArray strong, NDArray weak, double scale) {
        return strong.sub(weak).mul(scale).add(weak);
    }

    /** Guidance for each sample whose time is in {@code [tMin, tMax]}, both ends included; compared in float32. */
    record Inside(double tMin, double tMax) implements GuidanceInterval {
        public Inside {
            if (!(tMin < tMax)) {
                throw new IllegalArgumentException("t_min: expected less than t_max, got " + tMin + " and " + tMax);
            }
        }

        private boolean contains(float t) {
            return (float) tMin <= t && t <= (float) tMax;
        }

        private int countInside(float[] t) {
            int count = 0;
            for (float time : t) {
                count += contains(time) ? 1 : 0;
            }
            return count;
        }

        @Override
        public boolean isWeakNeeded(float[] t) {
            return countInside(t) > 0;
        }

        @Override
        public NDArray combine(NDArray strong, NDArray weak, float[] t, double scale) {
            int count = countInside(t);
            if (count == 0) {
                return strong;
            }
            NDArray guided = extrapolate(strong, weak, scale);
            return count == t.length ? guided : NDArrays.where(mask(strong, t), guided, strong);
        }

        private NDArray mask(NDArray x, float[] t) {
            boolean[] inside = new boolean[t.length];
            for (int i = 0; i < t.length; i++) {
                inside[i] = contains(t[i]);
            }
            NDManager manager = x.getManager();
            return PerSample.over(EngineArray.of(manager, inside), x).broadcast(x.getShape());
        }
    }

    /**
     * Guidance for the whole batch unless the time of its first sample is in {@code [low, high)} of one of the pairs.
     *
     * <p>Inside a pair the scale is {@code intervalScale} if that is more than 1, else guidance is off. No pairs: guidance
     * everywhere. This is the rule of the published single-width denoiser; that of text excludes {@code low}, too.
     *
     * @param includesLow whether a pair includes its low end
     */
    record Skip(List<Span> spans, double intervalScale, boolean includesLow) implements GuidanceInterval {
        public Skip {
            spans = List.copyOf(spans);
        }

        private double scaleAt(float[] t, double scale) {
            for (Span span : spans) {
                float low = (float) span.low();
                if ((includesLow ? low <= t[0] : low < t[0]) && t[0] < (float) span.high()) {
                    return intervalScale > 1 ? intervalScale : 1;
                }
            }
            return scale;
        }

        @Override
        public boolean isWeakNeeded(float[] t) {
            return scaleAt(t, Double.NaN) != 1;
        }

        @Override
        public NDArray combine(NDArray strong, NDArray weak, float[] t, double scale) {
            double used = scaleAt(t, scale);
            return used == 1 ? strong : extrapolate(strong, weak, used);
        }
    }

    /** Times from {@code low} to {@code high}, which is excluded. */
    record Span(double low, double high) {
        public Span {
            if (!(low < high)) {
                throw new IllegalArgumentException(
                        "skip_intervals: expected pairs [low, high] with low < high, got [" + low + ", " + high + "]");
            }
        }
    }
}
