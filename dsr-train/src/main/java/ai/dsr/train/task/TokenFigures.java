// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.dsr.sample.inspect.LayerStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Outlier tokens and attention of a denoiser for the log: a few numbers over all blocks and noise levels, which become
 * curves, and lists with an entry a block for each level.
 */
final class TokenFigures {
    private final List<LayerStatistics> all = new ArrayList<>();
    private final List<Map<String, Object>> levels = new ArrayList<>();

    /** Adds the blocks at noise level {@code t}. */
    void add(double t, List<LayerStatistics> blocks) {
        all.addAll(blocks);
        Map<String, Object> level = new LinkedHashMap<>();
        level.put("t", t);
        level.put("median_norm", list(blocks, LayerStatistics::median));
        level.put("max_ratio", list(blocks, LayerStatistics::maxRatio));
        level.put("outlier_rate", list(blocks, LayerStatistics::outlierRate));
        level.put("outlier_attention", list(blocks, block -> block.attention().outliers()));
        level.put("register_attention", list(blocks, block -> block.attention().registers()));
        levels.add(level);
    }

    private static List<Double> list(List<LayerStatistics> blocks, ToDoubleFunction<LayerStatistics> figure) {
        return blocks.stream().map(figure::applyAsDouble).toList();
    }

    /** The figures by their names in the log. */
    Map<String, Object> toMap() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put(
                "token_max_ratio",
                all.stream().mapToDouble(LayerStatistics::maxRatio).max().orElse(0));
        figures.put("token_outlier_rate", mean(LayerStatistics::outlierRate));
        figures.put("outlier_attention", mean(block -> block.attention().outliers()));
        figures.put("register_attention", mean(block -> block.attention().registers()));
        figures.put("tokens", levels);
        return figures;
    }

    private double mean(ToDoubleFunction<LayerStatistics> figure) {
        return all.stream().mapToDouble(figure).average().orElse(0);
    }
}
