// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/** The families of encoders: how configurations call the wrapper, which checkpoints it takes, what it returns. */
public enum EncoderFamily {
    /** DINOv2 without registers. */
    DINOV2("Dinov2withNormNoReg", "dinov2") {
        @Override
        ViTConfig parse(HfConfig hf) {
            return Dinov2Config.of(hf, Dinov2Config.Variant.PLAIN).network();
        }
    },
    /** DINOv2 with trained registers. */
    DINOV2_REGISTERS("Dinov2withNorm", "dinov2_with_registers") {
        @Override
        ViTConfig parse(HfConfig hf) {
            return Dinov2Config.of(hf, Dinov2Config.Variant.REGISTERS).network();
        }
    },
    /** DINOv3. */
    DINOV3("Dinov3withNorm", "dinov3_vit") {
        @Override
        ViTConfig parse(HfConfig hf) {
            return Dinov3Config.of(hf).network();
        }

        @Override
        void requireGrid(PatchGrid grid) {
            if (grid.count() != DINOV3_PATCHES) {
                throw new IllegalArgumentException(encoderCls() + ": expected images of " + DINOV3_PATCHES
                        + " patches, got " + grid.count() + " (" + grid.height() + "x" + grid.width()
                        + "); set encoder_input_size to 16 times the patch size");
            }
        }
    },
    /** SigLIP2, and SigLIP before it, of fixed resolution; gives the tokens before the final norm too. */
    SIGLIP2("SigLIP2wNorm", "siglip") {
        @Override
        ViTConfig parse(HfConfig hf) {
            return Siglip2Config.of(hf).network();
        }

        @Override
        boolean accepts(String modelType) {
            return super.accepts(modelType) || modelType.equals("siglip_vision_model");
        }

        @Override
        boolean givesLatents() {
            return true;
        }

        @Override
        public PixelNorm pixelNorm() {
            return PixelNorm.half();
        }
    },
    /** The encoder of a masked autoencoder. */
    MAE("MAEwNorm", "vit_mae") {
        @Override
        ViTConfig parse(HfConfig hf) {
            return MaeConfig.of(hf).network();
        }
    };

    /** What the reference's wrapper insists on: a 16 x 16 grid, or another of as many patches. */
    private static final int DINOV3_PATCHES = 256;

    private final String encoderCls;
    private final String modelType;

    EncoderFamily(String encoderCls, String modelType) {
        this.encoderCls = encoderCls;
        this.modelType = modelType;
    }

    /**
     * The family that configurations call {@code encoderCls}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static EncoderFamily of(String encoderCls) {
        return Arrays.stream(values())
                .filter(family -> family.encoderCls.equals(encoderCls))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("encoder_cls: expected " + listing() + ", got " + encoderCls));
    }

    /**
     * The family whose {@code model_type} a {@code config.json} names.
     *
     * @throws IllegalArgumentException if it names none of them
     */
    public static EncoderFamily of(HfConfig hf) {
        String modelType = hf.text("model_type", "nothing");
        return Arrays.stream(values())
                .filter(family -> family.accepts(modelType))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(hf.source() + ": model_type: expected "
                        + Arrays.stream(values()).map(f -> f.modelType).collect(Collectors.joining(", "))
                        + ", got " + modelType));
    }

    private static String listing() {
        return Arrays.stream(values()).map(f -> f.encoderCls).collect(Collectors.joining(", "));
    }

    /**
     * The network that a {@code config.json} of this family describes; absent keys have the family's defaults.
     *
     * @throws IllegalArgumentException if the file says that it belongs to another family, or a value does not fit
     */
    public ViTConfig network(HfConfig hf) {
        requireOwn(hf);
        return parse(hf);
    }

    abstract ViTConfig parse(HfConfig hf);

    /** The name of the wrapper in configurations. */
    public String encoderCls() {
        return encoderCls;
    }

    /** The statistics of the pixels that published checkpoints were trained on. */
    public PixelNorm pixelNorm() {
        return PixelNorm.imageNet();
    }

    /** Keys of {@code encoder_params} that only some families have. */
    Set<String> options() {
        return switch (this) {
            case DINOV2 -> Set.of("normalize");
            case DINOV2_REGISTERS, DINOV3 -> Set.of("normalize", "dropped_tokens");
            case SIGLIP2, MAE -> Set.of();
        };
    }

    /** Whether the wrapper returns the tokens before the final norm as well. */
    boolean givesLatents() {
        return false;
    }

    /** Fails if the wrapper does not take images of this grid. */
    void requireGrid(PatchGrid grid) {}

    boolean accepts(String otherType) {
        return modelType.equals(otherType);
    }

    /** Fails, naming the wrapper that takes the file if there is one. */
    private void requireOwn(HfConfig hf) {
        String found = hf.text("model_type", modelType);
        if (!accepts(found)) {
            String advice = Arrays.stream(values())
                    .filter(family -> family.accepts(found))
                    .map(family -> "set encoder_cls to " + family.encoderCls)
                    .findFirst()
                    .orElse("no encoder here takes it");
            throw new IllegalArgumentException(
                    hf.source() + ": model_type: expected " + modelType + ", got " + found + "; " + advice);
        }
    }
}
