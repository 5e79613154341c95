// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.dsr.dit.model.ActivationTap;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.transport.Transport;

/**
 * The loss of a denoiser for given noise and times: the model predicts from the state between noise and data.
 *
 * @param model the denoiser
 * @param transport path, prediction and loss
 */
public record DenoiserLoss(DiffusionTransformer model, Transport transport) {
    /**
     * The mean loss of a batch, a scalar in the manager of {@code x1}.
     *
     * @param x1 data, {@code (B, C, H, W)}
     * @param x0 noise, {@code (B, C, H, W)}
     * @param t shifted times, {@code (B)}
     * @param y labels after dropout, {@code (B)} int64
     * @param tokens how tokens are weighted
     */
    public NDArray apply(NDArray x1, NDArray x0, NDArray t, NDArray y, Transport.Tokens tokens) {
        return apply(x1, x0, t, y, tokens, ActivationTap.NONE);
    }

    /** The same with a look inside the model. */
    NDArray apply(NDArray x1, NDArray x0, NDArray t, NDArray y, Transport.Tokens tokens, ActivationTap tap) {
        NDArray output = model.forward(transport.sample(x1, x0, t).x(), t, y, tap);
        tap.accept("output", output);
        return transport.loss(output, x1, x0, t, tokens).total();
    }
}
