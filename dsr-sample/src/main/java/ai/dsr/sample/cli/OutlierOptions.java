// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.sample.inspect.InspectedDenoiser;
import ai.dsr.sample.inspect.InspectedEncoder;
import ai.dsr.sample.inspect.InspectedImages;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What commands about outlier tokens have in common: the model, the images, the rule. */
final class OutlierOptions {
    private static final double USUAL_RATIO = 2;

    @Parameters(
            index = "0",
            paramLabel = "ENCODER",
            description = "Checkpoint folder (config.json tells the family), configuration file, bundle or run folder.")
    private Path target;

    @Option(
            names = "--images",
            paramLabel = "DIR|emoji",
            description = "Folder of images, or emoji for the icons that come with it (default: ${DEFAULT-VALUE}).")
    private String images = InspectedImages.EMOJI;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Images at most, evenly chosen (default: ${DEFAULT-VALUE}).")
    private int count = 200;

    @Option(
            names = "--size",
            paramLabel = "PIXELS",
            description =
                    "Side that images are cropped to, a multiple of the patch (default: 224 or the configuration's).")
    private Integer size;

    @Option(
            names = "--ratio",
            paramLabel = "X",
            description = "A token is an outlier if its norm is above X times the median of its image (default: 2).")
    private Double ratio;

    @Option(
            names = "--threshold",
            paramLabel = "NORM",
            description = "A token is an outlier if its norm is above NORM; in place of --ratio.")
    private Double threshold;

    @Option(
            names = "--layer",
            paramLabel = "BLOCK",
            description = "Block whose output decides, from 0; negative from the end (default: ${DEFAULT-VALUE}).")
    private int layer = -1;

    Path target() {
        return target;
    }

    int layer() {
        return layer;
    }

    OutlierRule rule() {
        if (ratio != null && threshold != null) {
            throw new IllegalArgumentException("--threshold: expected either it or --ratio, got both");
        }
        return threshold != null
                ? OutlierRule.above(threshold)
                : OutlierRule.timesMedian(ratio == null ? USUAL_RATIO : ratio);
    }

    int size(InspectedEncoder encoder) {
        int chosen = size == null ? encoder.imageSize() : size;
        encoder.requireSize(chosen);
        return chosen;
    }

    InspectedImages images(InspectedEncoder encoder) {
        return InspectedImages.open(
                images, size(encoder), count, encoder.encoder().pixelNorm());
    }

    InspectedImages images(InspectedDenoiser denoiser) {
        if (size != null && size != denoiser.imageSize()) {
            throw new IllegalArgumentException(
                    "--size: expected that of the denoiser's images (" + denoiser.imageSize() + "), got " + size);
        }
        return InspectedImages.open(images, denoiser.imageSize(), count, PixelNorm.half());
    }
}
