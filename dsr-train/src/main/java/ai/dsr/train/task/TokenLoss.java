// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDManager;
import ai.dsr.dit.transport.TokenWeighting;
import ai.dsr.dit.transport.Transport;
import ai.dsr.train.data.LatentData;

/**
 * How the loss of a denoiser weights tokens by their norm: the paper's ablations.
 *
 * @param weighting the weights
 * @param ofNormalized whether the norms are those of normalised latents ({@code post_stat_norm}) or the encoder's own
 */
public record TokenLoss(TokenWeighting weighting, boolean ofNormalized) {
    /** Every token counts the same. */
    public static final TokenLoss OFF = new TokenLoss(TokenWeighting.OFF, false);

    /** The norms of some training samples with their use; no norms if they are not needed. */
    Transport.Tokens tokens(LatentData data, NDManager step, int... samples) {
        return new Transport.Tokens(
                weighting.isActive() ? data.tokenNorms(step, samples, ofNormalized) : null, weighting);
    }
}
