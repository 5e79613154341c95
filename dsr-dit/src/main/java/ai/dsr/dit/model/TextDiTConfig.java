// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Default;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * The settings of {@link TextDiT}, by the keys of the released configurations; pairs are for encoder and head.
 *
 * @param arch {@code DiT}: one width; {@code DDT}: widths, depths and heads are pairs
 * @param inputSize side S of the latent
 * @param patchSize side P of a patch
 * @param inChannels latent channels C
 * @param hiddenSize token width D, or the widths of encoder and head
 * @param depth number of blocks, or those of encoder and head
 * @param numHeads attention heads K, or those of encoder and head; one number will do for both
 * @param mlpRatio hidden width of the MLPs over the token width
 * @param classDropoutProb probability with which training drops a text; 0: there is no row for no text
 * @param zChannels width Z of the text features
 * @param learnSigma twice the channels; see {@link TextDiT#forwardAll}
 * @param useQknorm whether queries and keys are normed
 * @param useSwiglu SwiGLU instead of a GELU MLP
 * @param useRope whether queries and keys are rotated by position
 * @param useRmsnorm RMSNorm instead of layer norm
 * @param woShift without shift in the blocks' modulation
 * @param useGembed Gaussian frequencies for times, else {@link TimestepEmbedder}
 * @param condSilu whether the activation is applied to condition rows before the blocks apply theirs
 * @param useDdt {@code use_DDT}: whether the last blocks of arch DiT are a head
 * @param ddtEncoderDepth {@code DDT_encoder_depth}: how many blocks come before that head; without one it means nothing
 * @param registerConditioning whether diffusion registers join; else the other two keys mean nothing
 * @param registerLen number R of registers, a square
 * @param registerStart block before which they join, from 0; in the head of arch DDT they join at once
 */
public record TextDiTConfig(
        Arch arch,
        int inputSize,
        int patchSize,
        int inChannels,
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<Integer> hiddenSize,
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<Integer> depth,
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<Integer> numHeads,
        double mlpRatio,
        double classDropoutProb,
        int zChannels,
        @Default("false") boolean learnSigma,
        boolean useQknorm,
        boolean useSwiglu,
        boolean useRope,
        boolean useRmsnorm,
        boolean woShift,
        @Default("true") boolean useGembed,
        @Default("true") boolean condSilu,
        @JsonProperty("use_DDT") @Default("false") boolean useDdt,
        @JsonProperty("DDT_encoder_depth") @Default("-1") int ddtEncoderDepth,
        @Default("false") boolean registerConditioning,
        @Default("0") int registerLen,
        @Default("0") int registerStart) {

    /** How the blocks are divided. */
    public enum Arch {
        /** Blocks of one width; with {@code use_DDT} the last of them are a head. */
        @JsonProperty("DiT")
        DIT,
        /** An encoder and a head, each of its own width. */
        @JsonProperty("DDT")
        DDT
    }

    /** Refuses what cannot work, before there is any weight. */
    public TextDiTConfig {
        hiddenSize = sizes("hidden_size", hiddenSize, arch);
        depth = sizes("depth", depth, arch);
        boolean shared = arch == Arch.DDT && numHeads.size() == 1;
        numHeads = shared ? List.of(numHeads.get(0), numHeads.get(0)) : sizes("num_heads", numHeads, arch);
        ConfigChecks.positive("input_size", inputSize);
        ConfigChecks.positive("patch_size", patchSize);
        ConfigChecks.require(
                inputSize % patchSize == 0, "input_size", "a multiple of patch_size (" + patchSize + ")", inputSize);
        ConfigChecks.positive("in_channels", inChannels);
        ConfigChecks.positive("z_channels", zChannels);
        for (int i = 0; i < hiddenSize.size(); i++) {
            String part = arch == Arch.DDT ? "[" + i + "]" : "";
            ConfigChecks.positive("depth" + part, depth.get(i));
            ConfigChecks.heads("hidden_size" + part, hiddenSize.get(i), numHeads.get(i));
            ConfigChecks.positions("hidden_size" + part, hiddenSize.get(i));
            if (useRope) {
                ConfigChecks.rotary("hidden_size" + part, hiddenSize.get(i), numHeads.get(i));
            }
        }
        ConfigChecks.positive("mlp_ratio", mlpRatio);
        ConfigChecks.probability("class_dropout_prob", classDropoutProb);
        if (useDdt) {
            ConfigChecks.require(arch == Arch.DIT, "use_DDT", "false with arch DDT, which has a head anyway", "true");
            boolean divides = ddtEncoderDepth >= 1 && ddtEncoderDepth < depth.get(0);
            String range = "1 to " + (depth.get(0) - 1) + " (depth is " + depth.get(0) + ")";
            ConfigChecks.require(divides, "DDT_encoder_depth", range, ddtEncoderDepth);
        }
        if (registerConditioning) {
            String key = arch == Arch.DDT ? "depth[0]" : "depth";
            ConfigChecks.registers(registerLen, registerStart, depth.get(0), key);
            ConfigChecks.require(
                    useRope || registerLen == 0, "use_rope", "true with registers", "false; set register_len to 0");
            ConfigChecks.require(
                    !useDdt || registerLen == 0, "use_DDT", "false with registers", "true; use arch DDT instead");
        }
    }

    private static List<Integer> sizes(String key, List<Integer> values, Arch arch) {
        int count = arch == Arch.DDT ? 2 : 1;
        String expected = arch == Arch.DDT ? "a pair for encoder and head with arch DDT" : "one number with arch DiT";
        ConfigChecks.require(values.size() == count, key, expected, values);
        return List.copyOf(values);
    }

    /** Whether a head predicts under the rows of the blocks before it. */
    public boolean hasHead() {
        return arch == Arch.DDT || useDdt;
    }

    /** Width of the tokens of all blocks, or of those before the head. */
    int encoderWidth() {
        return hiddenSize.get(0);
    }

    /** Width of the head's tokens. */
    int headWidth() {
        return hiddenSize.get(hiddenSize.size() - 1);
    }

    /** Number of blocks, or of those before the head. */
    int encoderDepth() {
        return useDdt ? ddtEncoderDepth : depth.get(0);
    }

    /** Number of the head's blocks, 0 without a head. */
    int headDepth() {
        if (useDdt) {
            return depth.get(0) - ddtEncoderDepth;
        }
        return arch == Arch.DDT ? depth.get(1) : 0;
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

    /** Numbers in a patch that the final layer writes. */
    int patchOutputs() {
        return outChannels() * patchSize * patchSize;
    }

    BlockConfig encoderBlock() {
        return block(encoderWidth(), zChannels, numHeads.get(0));
    }

    BlockConfig headBlock() {
        return block(headWidth(), headWidth(), numHeads.get(numHeads.size() - 1));
    }

    private BlockConfig block(int width, int conditionWidth, int heads) {
        return new BlockConfig(
                width, conditionWidth, heads, mlpRatio, useQknorm, useSwiglu, useRmsnorm, !woShift, false, true);
    }

    /** Floating-point operations of one sample with one condition row a token: two per multiply-add. */
    public long forwardFlops() {
        long tokens = tokens();
        long all = tokens + registers();
        long patch = (long) inChannels * patchSize * patchSize;
        long d = hasHead() ? headWidth() : encoderWidth();
        long condition = hasHead() ? headWidth() : zChannels;
        long waves = useGembed ? 2L * GaussianFourierEmbedding.FREQUENCIES : TimestepEmbedder.FREQUENCY_SIZE;
        long total = 2 * (waves * zChannels + (long) zChannels * zChannels);
        total += 2 * tokens * patch * (encoderWidth() + (hasHead() ? headWidth() : 0));
        for (int i = 0; i < encoderDepth(); i++) {
            boolean hasJoined = registers() > 0 && i >= registerStart;
            total += LightningDiTBlock.flops(encoderBlock(), hasJoined ? all : tokens, hasJoined ? tokens + 1 : tokens);
        }
        if (hasHead()) {
            total += encoderWidth() == headWidth() ? 0 : 2 * all * encoderWidth() * headWidth();
            total += headDepth() * LightningDiTBlock.flops(headBlock(), all, all);
        }
        return total + 4 * tokens * condition * d + 2 * tokens * d * patchOutputs();
    }
}
