// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

/** Models of other papers that are settings of {@link LightningDiT}: SiT on autoencoder latents, JiT on pixels. */
public final class DiTPresets {
    private static final int PIXELS = 3;
    private static final int JIT_REGISTERS = 32;

    private DiTPresets() {}

    /**
     * SiT-XL/2 (Ma et al., 2024): DiT-XL/2 on 4-channel latents of 32 x 32, with layer norm, GELU and a learned variance
     * that is not used. Times are embedded by Gaussian frequencies, unlike there. Registers need {@code use_rope}.
     */
    public static DiTConfig sitXl2(int numClasses) {
        return new DiTConfig(
                32,
                2,
                4,
                1152,
                28,
                16,
                4,
                0.1,
                numClasses,
                false,
                false,
                false,
                false,
                false,
                true,
                true,
                false,
                false,
                0,
                0,
                false,
                0,
                RegisterKind.GRID);
    }

    /** JiT-B/16 (Li and He, 2025) for pictures of {@code side} pixels: width 768, 12 blocks, bottleneck 128. */
    public static DiTConfig jitB16(int side, int numClasses) {
        return jit(side, numClasses, 768, 12, 12, 128, 4);
    }

    /** JiT-L/16: width 1024, 24 blocks, bottleneck 128. */
    public static DiTConfig jitL16(int side, int numClasses) {
        return jit(side, numClasses, 1024, 24, 16, 128, 8);
    }

    /** JiT-H/16: width 1280, 32 blocks, bottleneck 256. */
    public static DiTConfig jitH16(int side, int numClasses) {
        return jit(side, numClasses, 1280, 32, 16, 256, 10);
    }

    private static DiTConfig jit(
            int side, int numClasses, int width, int depth, int heads, int bottleneck, int registerStart) {
        return new DiTConfig(
                side,
                16,
                PIXELS,
                width,
                depth,
                heads,
                4,
                0.1,
                numClasses,
                true,
                true,
                true,
                true,
                false,
                false,
                true,
                false,
                true,
                JIT_REGISTERS,
                registerStart,
                false,
                bottleneck,
                RegisterKind.CLASS);
    }
}
