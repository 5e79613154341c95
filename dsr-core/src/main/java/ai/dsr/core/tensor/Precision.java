// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.tensor;

import java.util.Locale;

/**
 * The type in which a model's matrix products run: linear layers and attention.
 *
 * <p>Weights, norms, softmax statistics, the residual stream and all that crosses into Java stay float32 whatever the
 * choice; kernels round on the way into a product and widen on the way out (Micikevicius et al., 2018).
 */
public enum Precision {
    /** 32-bit floats: what all stored numbers are compared in. */
    FP32(6),
    /** 16-bit floats with the range of 32-bit ones and 8 bits of precision. */
    BF16(15),
    /** 16-bit floats with 11 bits of precision up to 65504: training needs a scaled loss. */
    FP16(5);

    private final int torchType;

    Precision(int torchType) {
        this.torchType = torchType;
    }

    /**
     * The precision of a {@link #label}.
     *
     * @throws IllegalArgumentException naming all labels if there is none
     */
    public static Precision of(String label) {
        for (Precision precision : values()) {
            if (precision.label().equals(label)) {
                return precision;
            }
        }
        throw new IllegalArgumentException("precision: expected one of fp32, bf16, fp16, got " + label);
    }

    /** PyTorch's number of the type. */
    public int torchType() {
        return torchType;
    }

    /** The spelling in configuration files and options: {@code fp32}, {@code bf16} or {@code fp16}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
