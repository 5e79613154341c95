// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.guidance;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.Default;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.Conditioning;
import ai.dsr.dit.model.Denoiser;
import com.fasterxml.jackson.annotation.JsonAlias;
import java.util.List;

/**
 * How sampling is guided.
 *
 * <p>{@code t_min} and {@code t_max} mean the same for every denoiser: each sample is guided while its time is in {@code
 * [t_min, t_max]}, ends included, and else predicted with its label alone. {@code skip_intervals} replaces this by the
 * list rule of {@link GuidanceInterval.Skip}.
 *
 * @param method {@code cfg} or {@code autoguidance}
 * @param scale strength; guidance is used if it is more than 1
 * @param tMin {@code t_min} or {@code t-min}
 * @param tMax {@code t_max} or {@code t-max}
 * @param nullLabel {@code null_label}: the label that stands for none; null is the model's own
 * @param skipIntervals {@code skip_intervals}: pairs {@code [low, high]} of times without guidance; null is the rule of
 *     {@code t_min} and {@code t_max}, an empty list guides everywhere
 * @param intervalCfg {@code interval_cfg}: scale within the pairs, if more than 1
 * @param guidanceModel {@code guidance_model}: the section that describes the worse model of autoguidance, or null
 */
public record GuidanceConfig(
        @Default("cfg") GuidanceMethod method,
        @Default("1") double scale,
        @JsonAlias("t-min") @Default("0") double tMin,
        @JsonAlias("t-max") @Default("1") double tMax,
        @Default("null") Integer nullLabel,
        @Default("null") List<List<Double>> skipIntervals,
        @Default("0") double intervalCfg,
        @Default("null") Config guidanceModel) {

    /** No guidance. */
    public static final GuidanceConfig OFF = of(GuidanceMethod.CFG, 1);

    public GuidanceConfig {
        if (!(scale >= 0) || Double.isInfinite(scale)) {
            throw new IllegalArgumentException("scale: expected a number >= 0, got " + scale);
        }
        if (nullLabel != null && nullLabel < 0) {
            throw new IllegalArgumentException("null_label: expected a label >= 0, got " + nullLabel);
        }
        skipIntervals = skipIntervals == null ? null : List.copyOf(skipIntervals);
        rule(skipIntervals, intervalCfg, tMin, tMax, true);
    }

    /** Guidance at all times. */
    public static GuidanceConfig of(GuidanceMethod method, double scale) {
        return new GuidanceConfig(method, scale, 0, 1, null, null, 0, null);
    }

    /** The same guidance with another label that stands for none. */
    public GuidanceConfig withNullLabel(int label) {
        return new GuidanceConfig(method, scale, tMin, tMax, label, skipIntervals, intervalCfg, guidanceModel);
    }

    /** Whether guidance is used at all. */
    public boolean isActive() {
        return scale > 1;
    }

    /** When guidance of a denoiser acts: pairs to skip include their low end for classes, and exclude it for text. */
    public GuidanceInterval interval(Conditioning conditioning) {
        return rule(skipIntervals, intervalCfg, tMin, tMax, conditioning instanceof ClassLabels);
    }

    /**
     * The guided model; the model itself if guidance is off.
     *
     * @param guide the worse model of autoguidance; null for the other methods
     * @throws IllegalArgumentException if autoguidance has no guide
     */
    public Denoiser guide(Denoiser model, Denoiser guide) {
        if (!isActive()) {
            return model;
        }
        if (method == GuidanceMethod.CFG) {
            Conditioning conditioning = nullLabel == null
                    ? model.conditioning()
                    : ClassLabels.of(model).withNullLabel(nullLabel);
            return new ClassifierFreeGuidance(model, scale, interval(conditioning), conditioning);
        }
        if (guide == null) {
            throw new IllegalArgumentException(
                    "guidance_model: expected a model for autoguidance, got none; give one or use method cfg");
        }
        return new AutoGuidance(model, guide, scale, interval(model.conditioning()));
    }

    private static GuidanceInterval rule(
            List<List<Double>> pairs, double intervalCfg, double tMin, double tMax, boolean includesLow) {
        if (pairs == null) {
            return new GuidanceInterval.Inside(tMin, tMax);
        }
        return new GuidanceInterval.Skip(
                pairs.stream().map(GuidanceConfig::span).toList(), intervalCfg, includesLow);
    }

    private static GuidanceInterval.Span span(List<Double> pair) {
        if (pair.size() != 2) {
            throw new IllegalArgumentException("skip_intervals: expected pairs [low, high], got " + pair);
        }
        return new GuidanceInterval.Span(pair.get(0), pair.get(1));
    }
}
