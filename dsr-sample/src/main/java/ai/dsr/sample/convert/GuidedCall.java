// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.dit.guidance.AutoGuidance;
import ai.dsr.dit.guidance.ClassifierFreeGuidance;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceInterval;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.Conditioning;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.dit.model.DiTDH;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.TextDiT;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A guided evaluation as the Python code makes it, on a batch whose second half has the conditions that say nothing.
 *
 * <p>Its models differ in their rule of times: DiT-DH guides inside one interval, the others leave out a list of pairs,
 * which for text is one pair.
 */
record GuidedCall(DiffusionTransformer model, GuidanceConfig config) {
    static GuidedCall of(DiffusionTransformer model, JsonNode call) {
        GuidanceMethod method = GuidanceMethod.of(call.path("method").asText("cfg"));
        double scale = call.path("cfg_scale").asDouble();
        JsonNode times = call.path("cfg_interval");
        if (model instanceof DiTDH) {
            double low = times.path(0).asDouble(0);
            double high = times.path(1).asDouble(1);
            return new GuidedCall(model, new GuidanceConfig(method, scale, low, high, null, null, 0, null));
        }
        double inside = call.path("interval_cfg").asDouble(0);
        return new GuidedCall(model, new GuidanceConfig(method, scale, 0, 1, null, pairs(model, times), inside, null));
    }

    /** An empty interval of text leaves nothing out. */
    private static List<List<Double>> pairs(DiffusionTransformer model, JsonNode times) {
        List<List<Double>> pairs = new ArrayList<>();
        if (!(model instanceof TextDiT)) {
            times.forEach(pair -> pairs.add(pair(pair)));
        } else if (times.path(0).asDouble() < times.path(1).asDouble()) {
            pairs.add(pair(times));
        }
        return pairs;
    }

    private static List<Double> pair(JsonNode pair) {
        return List.of(pair.path(0).asDouble(), pair.path(1).asDouble());
    }

    boolean isCfg() {
        return config.method() == GuidanceMethod.CFG;
    }

    /**
     * The result as stored: of halves it stands in both.
     *
     * @param guide the worse model of autoguidance
     * @param x {@code (2 n, C, S, S)}
     * @param t {@code (2 n)}
     * @param y conditions, {@code 2 n} of them
     */
    NDArray run(Denoiser guide, NDArray x, NDArray t, NDArray y) {
        GuidanceInterval interval = config.interval(model.conditioning());
        if (!isCfg()) {
            Denoiser guided = new AutoGuidance(model, guide, config.scale(), interval);
            return model instanceof DiTDH ? guided.forward(x, t, y) : ofHalf(guided, x, t, y);
        }
        return ofHalf(new ClassifierFreeGuidance(model, config.scale(), interval, nothing(y)), x, t, y);
    }

    private Conditioning nothing(NDArray y) {
        if (model instanceof TextDiT) {
            return model.conditioning();
        }
        long[] labels = y.toLongArray();
        return ClassLabels.of(model).withNullLabel((int) labels[labels.length - 1]);
    }

    private static NDArray ofHalf(Denoiser guided, NDArray x, NDArray t, NDArray y) {
        NDArray result = guided.forward(half(x), half(t), half(y));
        return result.concat(result, 0);
    }

    private static NDArray half(NDArray x) {
        return x.get(new NDIndex().addSliceDim(0, x.getShape().get(0) / 2));
    }
}
