// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a configuration asks for test-time registers: {@code encoder_params: {register_plan: plan.json}} beside any
 * {@code encoder_cls}; or, as the reference does it, {@code encoder_cls: SigLIP2wNormTTREG} with {@code encoder_params:
 * {config_path: x.yaml}}.
 *
 * @param encoderCls the encoder without registers
 * @param encoderParams its options
 * @param planFile path of the plan as the configuration has it, of any form that {@link RegisterPlanFile} reads; null for
 *     no registers
 */
public record RegisterParams(String encoderCls, Map<String, Object> encoderParams, String planFile) {
    /** The key of {@code encoder_params} that names a plan. */
    public static final String REGISTER_PLAN = "register_plan";

    /** The key that the reference uses for it. */
    public static final String CONFIG_PATH = "config_path";

    private static final String SIGLIP2_WITH_REGISTERS = "SigLIP2wNormTTREG";
    private static final String SIGLIP2 = "SigLIP2wNorm";

    /** Copies the options. */
    public RegisterParams {
        encoderParams = Collections.unmodifiableMap(new LinkedHashMap<>(encoderParams));
    }

    /**
     * Takes what concerns registers out of a configuration.
     *
     * @throws IllegalArgumentException if a plan is no text, or the reference's encoder has none
     */
    public static RegisterParams of(String encoderCls, Map<String, Object> encoderParams) {
        Map<String, Object> others = new LinkedHashMap<>(encoderParams);
        String plan = text(REGISTER_PLAN, others.remove(REGISTER_PLAN));
        if (!encoderCls.equals(SIGLIP2_WITH_REGISTERS)) {
            return new RegisterParams(encoderCls, others, plan);
        }
        String reference = text(CONFIG_PATH, others.remove(CONFIG_PATH));
        if (plan == null && reference == null) {
            throw new IllegalArgumentException("encoder_params: expected " + CONFIG_PATH + " or " + REGISTER_PLAN
                    + " for " + SIGLIP2_WITH_REGISTERS + ", got neither; use " + SIGLIP2
                    + " for an encoder without registers");
        }
        return new RegisterParams(SIGLIP2, others, plan == null ? reference : plan);
    }

    private static String text(String key, Object value) {
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw new IllegalArgumentException("encoder_params." + key + ": expected a path, got " + value);
    }
}
