// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Default;

/**
 * The settings of {@link LightningDiT}, by the keys of the released configurations.
 *
 * @param inputSize side S of the latent
 * @param patchSize side P of a patch
 * @param inChannels latent channels C
 * @param hiddenSize token width D
 * @param depth number of blocks
 * @param numHeads attention heads K
 * @param mlpRatio hidden width of the MLP over D
 * @param classDropoutProb probability with which training replaces a label by the null class; 0: there is no null class
 * @param numClasses number of real classes
 * @param useQknorm whether queries and keys are normed
 * @param useSwiglu SwiGLU instead of a GELU MLP
 * @param useRope whether queries and keys are rotated by position
 * @param useRmsnorm RMSNorm instead of layer norm
 * @param woShift without shift in the blocks' modulation
 * @param learnSigma twice the channels, of which the first half is returned
 * @param useGembed without effect in this model, which always embeds times by Gaussian frequencies
 * @param finalNoLn without norm in the final layer
 * @param registerConditioning whether diffusion registers join; else the other two keys mean nothing
 * @param registerLen number R of registers, a square
 * @param registerStart block before which they join, from 0
 * @param attnWithBias whether attention has learned sinks
 * @param bottleneckDim width to which patches are squeezed before they are embedded, as JiT does with pixels; 0: embedded
 *     directly
 * @param registerKind what registers are made of
 */
public record DiTConfig(
        int inputSize,
        int patchSize,
        int inChannels,
        int hiddenSize,
        int depth,
        int numHeads,
        double mlpRatio,
        double classDropoutProb,
        int numClasses,
        boolean useQknorm,
        boolean useSwiglu,
        boolean useRope,
        boolean useRmsnorm,
        boolean woShift,
        @Default("false") boolean learnSigma,
        @Default("true") boolean useGembed,
        @Default("false") boolean finalNoLn,
        @Default("false") boolean registerConditioning,
        @Default("0") int registerLen,
        @Default("0") int registerStart,
        @Default("false") boolean attnWithBias,
        @Default("0") int bottleneckDim,
        @Default("grid") RegisterKind registerKind) {
    private static final double MLP_RATIO = 4;
    private static final double CLASS_DROPOUT = 0.1;

    /** Refuses what cannot work, before there is any weight. */
    public DiTConfig {
        ConfigChecks.positive("input_size", inputSize);
        ConfigChecks.positive("patch_size", patchSize);
        ConfigChecks.require(
                inputSize % patchSize == 0, "input_size", "a multiple of patch_size (" + patchSize + ")", inputSize);
        ConfigChecks.positive("in_channels", inChannels);
        ConfigChecks.positive("depth", depth);
        ConfigChecks.heads("hidden_size", hiddenSize, numHeads);
        ConfigChecks.positions("hidden_size", hiddenSize);
        ConfigChecks.positive("mlp_ratio", mlpRatio);
        ConfigChecks.probability("class_dropout_prob", classDropoutProb);
        ConfigChecks.positive("num_classes", numClasses);
        ConfigChecks.require(bottleneckDim >= 0, "bottleneck_dim", "0 or more", bottleneckDim);
        if (useRope) {
            ConfigChecks.rotary("hidden_size", hiddenSize, numHeads);
        }
        if (registerConditioning) {
            ConfigChecks.registers(registerKind, registerLen, registerStart, depth, "depth");
            ConfigChecks.require(
                    useRope || registerLen == 0, "use_rope", "true with registers", "false; set register_len to 0");
        }
    }

    /** DiT-S: width 384, 12 blocks. */
    public static DiTConfig small(int inputSize, int inChannels, int numClasses) {
        return preset(inputSize, inChannels, numClasses, 384, 12, 6);
    }

    /** DiT-B: width 768, 12 blocks. */
    public static DiTConfig base(int inputSize, int inChannels, int numClasses) {
        return preset(inputSize, inChannels, numClasses, 768, 12, 12);
    }

    /** DiT-L: width 1024, 24 blocks. */
    public static DiTConfig large(int inputSize, int inChannels, int numClasses) {
        return preset(inputSize, inChannels, numClasses, 1024, 24, 16);
    }

    /** DiT-XL: width 1152, 28 blocks. */
    public static DiTConfig xl(int inputSize, int inChannels, int numClasses) {
        return preset(inputSize, inChannels, numClasses, 1152, 28, 16);
    }

    /** A model of any size with the other settings of the paper: patches of one, SwiGLU, RMSNorm, rotary positions. */
    public static DiTConfig of(int inputSize, int inChannels, int numClasses, int width, int depth, int heads) {
        return preset(inputSize, inChannels, numClasses, width, depth, heads);
    }

    private static DiTConfig preset(int size, int channels, int classes, int width, int depth, int heads) {
        return new DiTConfig(
                size,
                1,
                channels,
                width,
                depth,
                heads,
                MLP_RATIO,
                CLASS_DROPOUT,
                classes,
                false,
                true,
                true,
                true,
                false,
                false,
                true,
                false,
                false,
                0,
                0,
                false,
                0,
                RegisterKind.GRID);
    }

    /** The same model with {@code length} diffusion registers, a square, from block {@code start} on. */
    public DiTConfig withRegisters(int length, int start) {
        return withRegisters(RegisterKind.GRID, length, start);
    }

    /** The same model with {@code length} registers of a kind from block {@code start} on. */
    public DiTConfig withRegisters(RegisterKind kind, int length, int start) {
        return new DiTConfig(
                inputSize,
                patchSize,
                inChannels,
                hiddenSize,
                depth,
                numHeads,
                mlpRatio,
                classDropoutProb,
                numClasses,
                useQknorm,
                useSwiglu,
                useRope,
                useRmsnorm,
                woShift,
                learnSigma,
                useGembed,
                finalNoLn,
                true,
                length,
                start,
                attnWithBias,
                bottleneckDim,
                kind);
    }

    /** The number R of registers in effect, 0 for none. */
    public int registers() {
        return registerConditioning ? registerLen : 0;
    }

    /** Patches along a side. */
    public int gridSize() {
        return inputSize / patchSize;
    }

    /** Image tokens T. */
    public int tokens() {
        return gridSize() * gridSize();
    }

    /** The shape {@code (C, S, S)} of one latent. */
    public Shape latentShape() {
        return new Shape(inChannels, inputSize, inputSize);
    }

    /** Channels that the final layer writes. */
    int outChannels() {
        return learnSigma ? 2 * inChannels : inChannels;
    }

    BlockConfig block() {
        return new BlockConfig(
                hiddenSize,
                hiddenSize,
                numHeads,
                mlpRatio,
                useQknorm,
                useSwiglu,
                useRmsnorm,
                !woShift,
                attnWithBias,
                true);
    }

    /** Floating-point operations of one sample: two per multiply-add of every matrix product. */
    public long forwardFlops() {
        long d = hiddenSize;
        long patch = (long) inChannels * patchSize * patchSize;
        long out = (long) outChannels() * patchSize * patchSize;
        long tokens = tokens();
        long embedding = bottleneckDim == 0 ? patch * d : bottleneckDim * (patch + d);
        long total = 2 * tokens * embedding + GaussianFourierEmbedding.flops(hiddenSize);
        for (int i = 0; i < depth; i++) {
            long rows = i < registerStart ? tokens : tokens + registers();
            total += LightningDiTBlock.flops(block(), rows, 1);
        }
        return total + 4 * d * d + 2 * tokens * d * out;
    }
}
