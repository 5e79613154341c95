// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.RMSNorm;

/** The output layer: norm, shift and scale by the condition, and a linear layer to patches that starts at zero. */
public final class FinalLayer extends Layer {
    /** What comes before the modulation. */
    public enum Norm {
        /** RMSNorm with its weight. */
        RMS,
        /** Layer norm without weights. */
        LAYER,
        /** Nothing. */
        NONE
    }

    private final ModulatedNorm norm;
    private final Dense linear;
    private final AdaLN adaLN;

    /**
     * A layer on tokens of {@code width}.
     *
     * @param conditionWidth width of the condition rows
     * @param outputs numbers of one patch, P P C
     */
    public FinalLayer(int width, int conditionWidth, int outputs, Norm kind) {
        norm = switch (kind) {
            case RMS -> {
                RMSNorm rms = child("norm_final", new RMSNorm(width));
                yield rms::forward;
            }
            case LAYER -> ModulatedNorm.LAYER_NORM;
            case NONE -> ModulatedNorm.NONE;
        };
        linear = child("linear", Dense.zeros(width, outputs));
        adaLN = child("adaLN_modulation", new AdaLN(conditionWidth, width, 2));
    }

    /** Maps tokens {@code x (B, T, D)} under {@code c (B, E)} or {@code (B, L, E)} to patches {@code (B, T, P P C)}. */
    public NDArray forward(NDArray x, NDArray c) {
        NDList m = adaLN.split(c, x.getShape().get(1), 0); // shift, scale
        return linear.forward(norm.apply(x, m.get(0), m.get(1)));
    }
}
