// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.ImageKernels;

/** Linear embedding of non-overlapping patches; names {@code <conv>.weight (D, C, P, P)}, {@code <conv>.bias (D)}. */
public final class PatchEmbed extends Layer {
    private final Weight squeeze;
    private final Weight weight;
    private final Weight bias;

    private PatchEmbed(int channels, int inner, int width, int patch) {
        long in = (long) channels * patch * patch;
        squeeze = weight("proj1.weight", Initializer.xavier(in, inner), inner, channels, patch, patch);
        weight = weight("proj2.weight", Initializer.xavier(inner, width), width, inner, 1, 1);
        bias = weight("proj2.bias", Initializer.zeros(), width);
    }

    private PatchEmbed(
            String prefix, int channels, int width, int patch, Initializer weightInit, Initializer biasInit) {
        squeeze = null;
        weight = weight(prefix + "weight", weightInit, width, channels, patch, patch);
        bias = weight(prefix + "bias", biasInit, width);
    }

    /** As in diffusion transformers: Xavier-uniform seen as a matrix, bias 0; the convolution is called {@code proj}. */
    public static PatchEmbed xavier(int channels, int width, int patch) {
        long in = (long) channels * patch * patch;
        return new PatchEmbed("proj.", channels, width, patch, Initializer.xavier(in, width), Initializer.zeros());
    }

    /**
     * Through {@code inner} numbers a patch, for patches of pixels, which lie near a surface of few dimensions (Li and He,
     * 2025): {@code proj1} without bias, then {@code proj2}.
     */
    public static PatchEmbed bottleneck(int channels, int inner, int width, int patch) {
        return new PatchEmbed(channels, inner, width, patch);
    }

    /** As in vision encoders: PyTorch's defaults; {@code conv} is the convolution's name, empty for none. */
    public static PatchEmbed named(String conv, int channels, int width, int patch) {
        Initializer init = Initializer.fanIn((long) channels * patch * patch);
        return new PatchEmbed(conv.isEmpty() ? "" : conv + ".", channels, width, patch, init, init);
    }

    /** Maps {@code x (B, C, H, W)} to tokens {@code (B, H/P * W/P, D)}, row by row. */
    public NDArray forward(NDArray x) {
        return squeeze == null
                ? ImageKernels.patchEmbed(x, weight.get(), bias.get())
                : ImageKernels.patchEmbed(x, squeeze.get(), weight.get(), bias.get());
    }
}
