// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.ImageKernels;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Mean and standard deviation of the pixels that an encoder was trained on, a number a channel.
 *
 * @param mean of values in [0, 1]
 * @param std of values in [0, 1], above 0
 */
public record PixelNorm(List<Double> mean, List<Double> std) {
    private static final String FILE = "preprocessor_config.json";

    /** Copies and checks the lists. */
    public PixelNorm {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
        if (mean.isEmpty() || mean.size() != std.size()) {
            throw new IllegalArgumentException(
                    "image_std: expected as many values as image_mean has (" + mean.size() + "), got " + std);
        }
        if (std.stream().anyMatch(value -> !(value > 0))) {
            throw new IllegalArgumentException("image_std: expected values above 0, got " + std);
        }
    }

    /** The statistics of ImageNet, which DINOv2, DINOv3 and MAE use. */
    public static PixelNorm imageNet() {
        return new PixelNorm(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
    }

    /** Mean and deviation 0.5: pixels in [-1, 1], as SigLIP uses them. */
    public static PixelNorm half() {
        return new PixelNorm(List.of(0.5, 0.5, 0.5), List.of(0.5, 0.5, 0.5));
    }

    /** What {@code preprocessor_config.json} of a folder says, or {@code fallback} if there is none. */
    public static PixelNorm ofFolder(Path folder, PixelNorm fallback) {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return fallback;
        }
        HfConfig config = HfConfig.read(file);
        JsonNode mean = config.json().path("image_mean");
        JsonNode std = config.json().path("image_std");
        return new PixelNorm(
                mean.isMissingNode() ? fallback.mean : numbers(mean, config.source() + ": image_mean"),
                std.isMissingNode() ? fallback.std : numbers(std, config.source() + ": image_std"));
    }

    private static List<Double> numbers(JsonNode node, String subject) {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode value : node) {
            if (!value.isNumber()) {
                throw new IllegalArgumentException(subject + ": expected a list of numbers, got " + node);
            }
            numbers.add(value.asDouble());
        }
        return numbers;
    }

    /** Maps images {@code (B, C, H, W)} in [0, 1] to pixels of mean 0 and deviation 1. */
    public NDArray normalize(NDArray images) {
        requireChannels(images);
        return ImageKernels.standardize(images, mean, std);
    }

    /** Maps pixels {@code (B, C, H, W)} back to images, nominally in [0, 1]; nothing is clamped. */
    public NDArray denormalize(NDArray pixels) {
        requireChannels(pixels);
        return ImageKernels.unstandardize(pixels, mean, std);
    }

    private void requireChannels(NDArray x) {
        if (x.getShape().dimension() != 4 || x.getShape().get(1) != mean.size()) {
            throw new IllegalArgumentException("images: expected (B, " + mean.size() + ", H, W), got " + x.getShape());
        }
    }
}
