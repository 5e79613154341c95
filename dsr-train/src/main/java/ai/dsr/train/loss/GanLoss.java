// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Activation;
import ai.dsr.core.kernel.AdversarialKernels;
import ai.dsr.core.kernel.Kernels;

/** The loss of a discriminator, by its kind, and that of the generator against it, which has one kind. */
public enum GanLoss {
    /** {@code (mean relu(1 - real) + mean relu(1 + fake)) / 2} (Lim and Ye, 2017, "Geometric GAN"). */
    HINGE {
        @Override
        NDArray real(NDArray logits) {
            return Activation.relu(logits.neg().add(1));
        }

        @Override
        NDArray fake(NDArray logits) {
            return Activation.relu(logits.add(1));
        }
    },
    /** {@code (mean softplus(-real) + mean softplus(fake)) / 2} (Goodfellow et al., 2014). */
    VANILLA {
        @Override
        NDArray real(NDArray logits) {
            return AdversarialKernels.softplus(logits.neg());
        }

        @Override
        NDArray fake(NDArray logits) {
            return AdversarialKernels.softplus(logits);
        }
    };

    /** What becomes of the values of all logits. */
    public enum Reduction {
        /** Their mean, as in training. */
        MEAN,
        /** Their sum. */
        SUM;

        private NDArray of(NDArray values) {
            return this == MEAN ? values.mean() : values.sum();
        }
    }

    abstract NDArray real(NDArray logits);

    abstract NDArray fake(NDArray logits);

    /** The loss of the discriminator for logits of real and of generated images, any shapes; a scalar. */
    public NDArray discriminator(NDArray real, NDArray fake, Reduction reduction) {
        return Kernels.scale(reduction.of(real(real)).add(reduction.of(fake(fake))), 0.5);
    }

    /** The loss of the generator, {@code -mean(fake)}; a scalar. */
    public static NDArray generator(NDArray fake, Reduction reduction) {
        return reduction.of(fake).neg();
    }

    /** Share of places at which the logit of the real image is above that of the generated one; a scalar. */
    public static NDArray accuracy(NDArray real, NDArray fake) {
        return real.gt(fake).toType(DataType.FLOAT32, false).mean();
    }
}
