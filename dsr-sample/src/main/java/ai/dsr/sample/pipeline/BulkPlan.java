// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.dsr.core.io.Json;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleParts;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.config.LabelPolicy;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything that decides the bits of many images: two runs of equal plans draw equal images.
 *
 * @param model what identifies the weights
 * @param classes number of classes
 * @param count number of images
 * @param labels how classes are dealt out
 * @param seed of noise and labels
 * @param sampler how to walk
 * @param guidance how to guide
 */
public record BulkPlan(
        String model,
        int classes,
        int count,
        LabelPolicy labels,
        long seed,
        SamplerConfig sampler,
        GuidanceConfig guidance) {
    /** Checks the number. */
    public BulkPlan {
        if (count < 1) {
            throw new IllegalArgumentException("--num: expected 1 or more images, got " + count);
        }
    }

    /** The plan of a bundle with its own sampler and guidance. */
    public static BulkPlan of(Bundle bundle, int count, LabelPolicy labels, long seed) {
        Experiment experiment = bundle.experiment();
        if (experiment.isTextToImage()) {
            throw new IllegalArgumentException("--num: expected a bundle of classes, got a text-to-image bundle");
        }
        return new BulkPlan(
                BundleParts.of(bundle).digest(),
                bundle.manifest().classes().size(),
                count,
                labels,
                seed,
                experiment.sampler(),
                experiment.guidance());
    }

    /** The class of each image. */
    int[] dealt() {
        return labels.deal(count, classes, seed);
    }

    /** One line that is equal for equal plans. */
    public String text() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("format", "dsr-bulk-1");
        all.put("model", model);
        all.put("classes", classes);
        all.put("count", count);
        all.put("labels", labels.label());
        all.put("seed", seed);
        all.put("sampler", sampler);
        all.put("guidance", guidance);
        all.put("chunk", ClassToImage.CHUNK);
        return Json.canonical(all);
    }
}
