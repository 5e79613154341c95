// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Default;
import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.List;

/**
 * The settings of {@link DiTDH}, by the keys of the released configurations; pairs are for encoder and head.
 *
 * @param inputSize side S of the latent
 * @param patchSize side of a patch: 1
 * @param inChannels latent channels C
 * @param hiddenSize token widths
 * @param depth numbers of blocks
 * @param numHeads attention heads, or one number for both
 * @param mlpRatio hidden width of the MLPs over the token width
 * @param classDropoutProb probability with which training replaces a label by the null class; 0: there is no null class
 * @param numClasses number of real classes
 * @param useQknorm whether queries and keys are normed
 * @param useSwiglu SwiGLU instead of a GELU MLP
 * @param useRope whether queries and keys are rotated by position: true
 * @param useRmsnorm RMSNorm instead of layer norm
 * @param woShift without shift in the blocks' modulation
 * @param usePosEmbed whether the encoder's patches get a position table
 * @param registerConditioning whether diffusion registers join; else the other two keys mean nothing
 * @param registerLen number R of registers, a square
 * @param registerStart encoder block before which they join, from 0; in the head they join at once
 */
public record DiTDHConfig(
        int inputSize,
        int patchSize,
        int inChannels,
        List<Integer> hiddenSize,
        List<Integer> depth,
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<Integer> numHeads,
        double mlpRatio,
        double classDropoutProb,
        int numClasses,
        boolean useQknorm,
        boolean useSwiglu,
        boolean useRope,
        boolean useRmsnorm,
        boolean woShift,
        @Default("true") boolean usePosEmbed,
        @Default("false") boolean registerConditioning,
        @Default("0") int registerLen,
        @Default("0") int registerStart) {
    /** Refuses what cannot work, before there is any weight. */
    public DiTDHConfig {
        hiddenSize = pair("hidden_size", hiddenSize);
        depth = pair("depth", depth);
        numHeads = numHeads.size() == 1 ? List.of(numHeads.get(0), numHeads.get(0)) : pair("num_heads", numHeads);
        ConfigChecks.positive("input_size", inputSize);
        ConfigChecks.require(patchSize == 1, "patch_size", "1 for the model with a wide head", patchSize);
        ConfigChecks.positive("in_channels", inChannels);
        ConfigChecks.require(useRope, "use_rope", "true for the model with a wide head", "false");
        for (int i = 0; i < 2; i++) {
            String key = "hidden_size[" + i + "]";
            ConfigChecks.positive("depth[" + i + "]", depth.get(i));
            ConfigChecks.heads(key, hiddenSize.get(i), numHeads.get(i));
            ConfigChecks.positions(key, hiddenSize.get(i));
            ConfigChecks.rotary(key, hiddenSize.get(i), numHeads.get(i));
        }
        ConfigChecks.positive("mlp_ratio", mlpRatio);
        ConfigChecks.probability("class_dropout_prob", classDropoutProb);
        ConfigChecks.positive("num_classes", numClasses);
        if (registerConditioning) {
            ConfigChecks.registers(registerLen, registerStart, depth.get(0), "depth[0]");
        }
    }

    private static List<Integer> pair(String key, List<Integer> values) {
        ConfigChecks.require(values.size() == 2, key, "a pair for encoder and head", values);
        return List.copyOf(values);
    }

    /** DiTDH-S: an encoder of width 384 and 12 blocks; the head of all sizes has width 2048 and 2 blocks. */
    public static DiTDHConfig small(int inputSize, int inChannels, int numClasses) {
        return preset(inputSize, inChannels, numClasses, 384, 12, 6);
    }

    /** DiTDH-B: an encoder of width 768 and 12 blocks. */
    public static DiTDHConfig base(int inputSize, int inChannels, int numClasses) {
        return preset(inputSize, inChannels, numClasses, 768, 12, 12);
    }

    /** DiTDH-L: an encoder of width 1024 and 24 blocks. */
    public static DiTDHConfig large(int inputSize, int inChannels, int numClasses) {
        return preset(inputSize, inChannels, numClasses, 1024, 24, 16);
    }

    /** DiTDH-XL: an encoder of width 1152 and 28 blocks. */
    public static DiTDHConfig xl(int inputSize, int inChannels, int numClasses) {
        return preset(inputSize, inChannels, numClasses, 1152, 28, 16);
    }

    private static DiTDHConfig preset(int size, int channels, int classes, int width, int depth, int heads) {
        return new DiTDHConfig(
                size,
                1,
                channels,
                List.of(width, 2048),
                List.of(depth, 2),
                List.of(heads, 16),
                4,
                0.1,
                classes,
                false,
                true,
                true,
                true,
                false,
                true,
                false,
                0,
                0);
    }

    /** The same model with {@code length} diffusion registers from encoder block {@code start} on. */
    public DiTDHConfig withRegisters(int length, int start) {
        return new DiTDHConfig(
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
                usePosEmbed,
                true,
                length,
                start);
    }

    /** The number R of registers in effect, 0 for none. */
    public int registers() {
        return registerConditioning ? registerLen : 0;
    }

    /** Image tokens T. */
    public int tokens() {
        return inputSize * inputSize;
    }

    /** The shape {@code (C, S, S)} of one latent. */
    public Shape latentShape() {
        return new Shape(inChannels, inputSize, inputSize);
    }

    BlockConfig encoderBlock() {
        return block(0);
    }

    BlockConfig headBlock() {
        return block(1);
    }

    private BlockConfig block(int part) {
        int width = hiddenSize.get(part);
        return new BlockConfig(
                width, width, numHeads.get(part), mlpRatio, useQknorm, useSwiglu, useRmsnorm, !woShift, false, false);
    }

    /** Floating-point operations of one sample: two per multiply-add of every matrix product. */
    public long forwardFlops() {
        long encoder = hiddenSize.get(0);
        long head = hiddenSize.get(1);
        long tokens = tokens();
        long all = tokens + registers();
        long total = 2 * tokens * inChannels * (encoder + head) + GaussianFourierEmbedding.flops(encoder);
        for (int i = 0; i < depth.get(0); i++) {
            total += LightningDiTBlock.flops(encoderBlock(), i < registerStart ? tokens : all, 1);
        }
        total += encoder == head ? 0 : 2 * all * encoder * head;
        total += depth.get(1) * LightningDiTBlock.flops(headBlock(), all, all);
        return total + 4 * tokens * head * head + 2 * tokens * head * inChannels;
    }
}
