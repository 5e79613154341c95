// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.kernel.RegisterKernels.Fill;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What test-time registers do to a network: in the MLPs of the listed layers, the peak activation of the listed neurons
 * moves onto extra rows at the end, and the neurons fall silent elsewhere (Jiang et al., 2025).
 *
 * <p>The peak is the value of largest magnitude over all rows and listed neurons of a layer, with its sign ("with max" in
 * names of the reference). {@link #of} gives the settings of the released encoders.
 *
 * @param neurons which neurons, without repetitions
 * @param numRegisters R, extra rows, 1 or more
 * @param scales factors of the peak: one for all registers, or R of them
 * @param fill what becomes of the neurons in ordinary rows
 * @param variant how registers with factors of their own are written
 * @param keepsFirstPatch whether the first patch of an encoder without class token stays as it is, as in the released
 *     code, which was written for models with one; other prefix rows stay in any case
 * @param evidence how the plan was found, or null
 */
public record RegisterPlan(
        RegisterNeurons neurons,
        int numRegisters,
        List<Double> scales,
        Fill fill,
        Variant variant,
        boolean keepsFirstPatch,
        PlanEvidence evidence) {

    /** Two published codes; they differ in nothing but lists of factors. */
    public enum Variant {
        /** Dual-Stage Registers: all registers are written from the same peak. */
        @JsonProperty("dsr")
        DSR,
        /** The original test-time registers: a register sees those written before it, so factors above 1 compound. */
        @JsonProperty("ttr")
        TTR
    }

    /** Checks the values. */
    public RegisterPlan {
        neurons = neurons.distinct();
        scales = List.copyOf(scales);
        if (numRegisters < 1) {
            throw new IllegalArgumentException("num_registers: expected 1 or more, got " + numRegisters);
        }
        if (scales.size() != 1 && scales.size() != numRegisters) {
            throw new IllegalArgumentException(
                    "scale: expected one number or num_registers (" + numRegisters + ") of them, got " + scales);
        }
        if (scales.stream().anyMatch(scale -> !Double.isFinite(scale))) {
            throw new IllegalArgumentException("scale: expected finite numbers, got " + scales);
        }
    }

    /** The settings of the released encoders: one register of scale 1, zeros elsewhere. */
    public static RegisterPlan of(RegisterNeurons neurons) {
        return new RegisterPlan(neurons, 1, List.of(1.0), Fill.ZERO, Variant.DSR, true, null);
    }

    /** The same with another number of registers, all of the first scale. */
    public RegisterPlan withRegisters(int count) {
        return new RegisterPlan(neurons, count, scales.subList(0, 1), fill, variant, keepsFirstPatch, evidence);
    }

    /** The same with other neurons and no evidence. */
    public RegisterPlan withNeurons(RegisterNeurons others) {
        return new RegisterPlan(others, numRegisters, scales, fill, variant, keepsFirstPatch, null);
    }

    /** The same with a record of how it was found. */
    public RegisterPlan withEvidence(PlanEvidence found) {
        return new RegisterPlan(neurons, numRegisters, scales, fill, variant, keepsFirstPatch, found);
    }

    /**
     * Fails if the plan was found on other weights; a plan without evidence, such as one of the Python code, fits any.
     *
     * @param encoderSha256 hash of the weights that it is to work in
     */
    public void requireFoundOn(String encoderSha256) {
        String found = evidence == null ? null : evidence.encoderSha256();
        if (found != null && !found.equals(encoderSha256)) {
            throw new IllegalArgumentException("register plan: expected one for the encoder of SHA-256 " + encoderSha256
                    + ", got one that was found on " + found + "; search anew with ./dsr discover");
        }
    }

    /** Whether each register is written after a new look for the peak. */
    boolean isSequential() {
        return variant == Variant.TTR && scales.size() > 1;
    }

    /** The factor of each register. */
    float[] scaleOfEach() {
        float[] each = new float[numRegisters];
        for (int i = 0; i < numRegisters; i++) {
            each[i] = scales.get(scales.size() == 1 ? 0 : i).floatValue();
        }
        return each;
    }

    /** SHA-256 of everything that changes a number: equal for plans that do the same, whatever their evidence. */
    public String digest() {
        Map<String, Object> content = new LinkedHashMap<>();
        content.put("neurons", neurons.toJson());
        content.put("scales", scaleOfEach());
        content.put("fill", fill);
        content.put("sequential", isSequential());
        content.put("keeps_first_patch", keepsFirstPatch);
        return Sha256.ofText(Json.canonical(content));
    }
}
