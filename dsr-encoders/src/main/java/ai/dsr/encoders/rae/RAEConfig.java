// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.dsr.core.config.Default;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The autoencoder: section {@code stage_1.params} of a configuration.
 *
 * @param encoderCls name of the encoder wrapper, {@code Dinov2withNorm} for one
 * @param encoderConfigPath folder of the encoder in Hugging Face's layout
 * @param encoderInputSize side S of the square that images are resized to, a multiple of the encoder's patch
 * @param encoderParams options of the wrapper
 * @param decoderConfigPath folder with the decoder's {@code config.json}; null if {@code decoder} is given or none is needed
 * @param decoder sizes of the decoder written out; null if they are in a file
 * @param decoderPatchSize side of a decoded patch in pixels
 * @param pretrainedDecoderPath file of the decoder's weights, or null
 * @param noiseTau largest standard deviation of the training noise
 * @param reshapeTo2d whether latents are {@code (B, C, h, w)} rather than {@code (B, N, C)}
 * @param normalizationStatPath file of the latent statistics, or null for none
 * @param eps added to the variance
 * @param normScaledNoise whether the noise follows the token norms
 * @param postStatNorm whether noise and token norms come after the statistics rather than before
 * @param preln whether latents are the tokens before the encoder's final norm
 * @param decodeNormalized ours: whether the decoder takes normalised latents as they are; for encoders whose raw tokens
 *     have channels of very different size, on which a decoder learns slowly
 */
public record RAEConfig(
        String encoderCls,
        String encoderConfigPath,
        int encoderInputSize,
        @Default("{}") Map<String, Object> encoderParams,
        @Default("null") String decoderConfigPath,
        @Default("null") DecoderConfig decoder,
        @Default("16") int decoderPatchSize,
        @Default("null") String pretrainedDecoderPath,
        @Default("0.0") double noiseTau,
        @JsonProperty("reshape_to_2d") @Default("true") boolean reshapeTo2d,
        @Default("null") String normalizationStatPath,
        @Default("1e-5") double eps,
        @Default("false") boolean normScaledNoise,
        @Default("false") boolean postStatNorm,
        @Default("false") boolean preln,
        @Default("false") boolean decodeNormalized) {

    /** Checks the values. */
    public RAEConfig {
        encoderParams = Collections.unmodifiableMap(new LinkedHashMap<>(encoderParams));
        if (encoderInputSize < 1) {
            throw new IllegalArgumentException("encoder_input_size: expected 1 or more, got " + encoderInputSize);
        }
        if (decoderPatchSize < 1) {
            throw new IllegalArgumentException("decoder_patch_size: expected 1 or more, got " + decoderPatchSize);
        }
        if (decoder != null && decoderConfigPath != null) {
            throw new IllegalArgumentException(
                    "decoder: expected either it or decoder_config_path, got both; remove " + decoderConfigPath);
        }
        if (!(eps >= 0)) {
            throw new IllegalArgumentException("eps: expected 0 or more, got " + eps);
        }
        new LatentNoise(noiseTau, normScaledNoise);
    }

    /**
     * The encode path alone, without noise and statistics.
     *
     * @param inputSize side of the square that images are resized to
     */
    public static RAEConfig encoding(String encoderCls, int inputSize, boolean reshapeTo2d, boolean preln) {
        return new RAEConfig(
                encoderCls,
                "",
                inputSize,
                Map.of(),
                null,
                null,
                1,
                null,
                0,
                reshapeTo2d,
                null,
                LatentNormalizer.DEFAULT_EPS,
                false,
                false,
                preln,
                false);
    }

    /** The training noise. */
    public LatentNoise noise() {
        return new LatentNoise(noiseTau, normScaledNoise);
    }
}
