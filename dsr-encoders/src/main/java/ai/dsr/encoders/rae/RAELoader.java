// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.encoders.vit.VisionEncoder;
import ai.dsr.encoders.vit.VisionEncoders;
import java.nio.file.Path;

/** Builds the parts of an autoencoder from the files that a configuration names. */
public final class RAELoader {
    private RAELoader() {}

    /**
     * Loads everything, the decoder only if {@code pretrained_decoder_path} names its weights.
     *
     * @param base what relative paths of the configuration start from
     * @param weights owns the weights; cap it afterwards
     */
    public static RAE load(RAEConfig config, Path base, NDManager weights) {
        VisionEncoder encoder = encoder(config, base, weights);
        ViTDecoder decoder = null;
        if (config.pretrainedDecoderPath() != null) {
            decoder = new ViTDecoder(RAE.decoderConfig(config, encoder, decoderConfig(config, base)));
            decoder.load(weights, SafeTensors.read(base.resolve(config.pretrainedDecoderPath())));
        }
        return new RAE(config, encoder, normalizer(config, base, weights), decoder);
    }

    /** Loads the encoder that {@code encoder_cls} names from the folder {@code encoder_config_path}. */
    public static VisionEncoder encoder(RAEConfig config, Path base, NDManager weights) {
        Path folder = base.resolve(config.encoderConfigPath());
        return VisionEncoders.load(config.encoderCls(), config.encoderParams(), folder, weights);
    }

    /** Loads the statistics of {@code normalization_stat_path}; none without it. */
    public static LatentNormalizer normalizer(RAEConfig config, Path base, NDManager weights) {
        return config.normalizationStatPath() == null
                ? LatentNormalizer.none()
                : LatentNormalizer.of(
                        weights, SafeTensors.read(base.resolve(config.normalizationStatPath())), config.eps());
    }

    /**
     * The decoder's sizes as written, inline or in the folder {@code decoder_config_path}, before they are fitted.
     *
     * @throws IllegalArgumentException if the configuration has neither
     */
    public static DecoderConfig decoderConfig(RAEConfig config, Path base) {
        if (config.decoder() != null) {
            return config.decoder();
        }
        if (config.decoderConfigPath() == null) {
            throw new IllegalArgumentException(
                    "decoder: expected sizes, got none; give decoder or decoder_config_path");
        }
        return DecoderConfig.of(HfConfig.ofFolder(base.resolve(config.decoderConfigPath())));
    }
}
