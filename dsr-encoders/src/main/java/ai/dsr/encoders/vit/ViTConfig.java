// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.io.StateDict;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A vision transformer of any family: what a family's own configuration comes down to.
 *
 * @param names what the parts are called
 * @param channels colours
 * @param patchSize side of a patch
 * @param registers trained registers between class token and patches
 * @param positions how patches know where they are
 * @param block one block
 * @param depth number of blocks
 */
public record ViTConfig(
        ViTNames names,
        int channels,
        int patchSize,
        int registers,
        Positions positions,
        ViTBlockConfig block,
        int depth) {

    /** How patches know where they are. */
    public sealed interface Positions {}

    /**
     * A learned table, added to the patches and the class token; it is resized to the grid of the image.
     *
     * @param side rows and columns of the grid that it was trained on
     * @param isAntialiased whether resizing widens the kernel when shrinking
     * @param isMatrix whether it is stored as {@code (rows, D)} rather than {@code (1, rows, D)}
     */
    public record PositionTable(int side, boolean isAntialiased, boolean isMatrix) implements Positions {
        /**
         * The table of a network that was trained on square images.
         *
         * @throws IllegalArgumentException if an image has no room for a patch
         */
        static PositionTable ofImage(int imageSize, int patchSize, boolean isAntialiased, boolean isMatrix) {
            requirePositive("patch_size", patchSize);
            if (imageSize < patchSize) {
                throw new IllegalArgumentException(
                        "image_size: expected at least patch_size (" + patchSize + "), got " + imageSize);
            }
            return new PositionTable(imageSize / patchSize, isAntialiased, isMatrix);
        }
    }

    /**
     * Rotary positions in every block.
     *
     * @param theta the base of the frequencies
     */
    public record Rotary(double theta) implements Positions {}

    /** Checks the sizes. */
    public ViTConfig {
        requirePositive("num_hidden_layers", depth);
        requirePositive("patch_size", patchSize);
        requirePositive("num_channels", channels);
        if (registers < 0 || (registers > 0 && names.registers() == null)) {
            throw new IllegalArgumentException("num_register_tokens: expected "
                    + (names.registers() == null ? "0 for this family" : "0 or more") + ", got " + registers);
        }
        if (positions instanceof Rotary rotary) {
            if (block.headWidth() % 4 != 0) {
                throw new IllegalArgumentException(
                        "hidden_size: expected heads of a multiple of 4 channels for rotary positions, got "
                                + block.headWidth());
            }
            if (!(rotary.theta > 0)) {
                throw new IllegalArgumentException("rope_theta: expected above 0, got " + rotary.theta);
            }
        }
    }

    /** Channels of a token. */
    public int width() {
        return block.width();
    }

    /** Whether there is a class token in front. */
    public boolean hasClassToken() {
        return names.classToken() != null;
    }

    /** How many class and register tokens stand before the patches. */
    public int prefixTokens() {
        return (hasClassToken() ? 1 : 0) + registers;
    }

    /** The same network with biases where the file has them: a linear layer has one exactly if it is stored. */
    ViTConfig withBiasesOf(StateDict state) {
        String first = names.blocks() + ".0.";
        Set<String> withoutBias = block.linearLayers().stream()
                .filter(layer -> !state.has(first + layer + ".bias"))
                .collect(Collectors.toSet());
        return new ViTConfig(names, channels, patchSize, registers, positions, block.withoutBias(withoutBias), depth);
    }

    private static void requirePositive(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": expected 1 or more, got " + value);
        }
    }
}
