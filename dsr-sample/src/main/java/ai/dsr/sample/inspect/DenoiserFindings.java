// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.encoders.register.OutlierRule;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What an inspection of a denoiser found: its file {@code inspection.json}.
 *
 * @param format {@value #FORMAT}
 * @param model name of the architecture
 * @param source where the denoiser came from
 * @param sha256 hash of its weights
 * @param images where the images came from
 * @param imageCount how many
 * @param imageSize their side in pixels
 * @param condition what the model was told: {@value #CLASSES} or {@value #NOTHING}
 * @param gridSide rows and columns of image tokens
 * @param registers diffusion registers in its last block
 * @param rule when an image token is an outlier
 * @param levels the blocks at each noise level
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DenoiserFindings(
        String format,
        String model,
        String source,
        String sha256,
        String images,
        int imageCount,
        int imageSize,
        String condition,
        int gridSide,
        int registers,
        OutlierRule rule,
        List<Level> levels) {
    /** Name and version of the layout. */
    public static final String FORMAT = "dsr-denoiser-inspection-1";

    /** The model was given the classes of the images. */
    public static final String CLASSES = "classes";

    /** The model was given the condition that says nothing. */
    public static final String NOTHING = "nothing";

    /** Copies the list. */
    public DenoiserFindings {
        levels = List.copyOf(levels);
    }

    /**
     * One noise level.
     *
     * @param t 0 is data, 1 is noise
     * @param blocks statistics of every block's output
     */
    public record Level(double t, List<LayerStatistics> blocks) {
        /** Copies the list. */
        public Level {
            blocks = List.copyOf(blocks);
        }
    }

    /**
     * A block at a noise level.
     *
     * @param level index into {@link #levels}
     * @param block index into its blocks
     * @param value of the figure asked for
     */
    public record Extreme(int level, int block, double value) {}

    /** Where a figure is largest. */
    public Extreme largest(ToDoubleFunction<LayerStatistics> figure) {
        Extreme largest = new Extreme(0, 0, Double.NEGATIVE_INFINITY);
        for (int level = 0; level < levels.size(); level++) {
            List<LayerStatistics> blocks = levels.get(level).blocks();
            for (int block = 0; block < blocks.size(); block++) {
                double value = figure.applyAsDouble(blocks.get(block));
                largest = value > largest.value() ? new Extreme(level, block, value) : largest;
            }
        }
        return largest;
    }

    /** Share of all measured tokens that are outliers. */
    public double outlierRate() {
        return levels.stream()
                .flatMap(level -> level.blocks().stream())
                .mapToDouble(LayerStatistics::outlierRate)
                .average()
                .orElse(0);
    }

    /** The level whose worst block has the largest norm over median. */
    int mostExtremeLevel() {
        return levels.stream()
                .max(Comparator.comparingDouble(level -> level.blocks().stream()
                        .mapToDouble(LayerStatistics::maxRatio)
                        .max()
                        .orElse(0)))
                .map(levels::indexOf)
                .orElseThrow();
    }
}
