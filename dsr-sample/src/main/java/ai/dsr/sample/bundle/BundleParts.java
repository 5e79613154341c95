// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.bundle;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.sample.config.Experiment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything of a bundle that decides pixels, each with its hash: weights, statistics, text encoder, configuration.
 *
 * @param hashes SHA-256 by name of the part
 */
public record BundleParts(Map<String, String> hashes) {
    /** Sections that decide pixels; sampler and guidance are recorded with each picture. */
    private static final List<String> SECTIONS = List.of("stage_1", "stage_2", "transport", "misc", "text");

    /** Copies the map, sorted. */
    public BundleParts {
        hashes = Map.copyOf(hashes);
    }

    /** The parts of an open bundle. */
    public static BundleParts of(Bundle bundle) {
        Experiment experiment = bundle.experiment();
        Map<String, String> hashes = new TreeMap<>();
        hashes.put("denoiser", Sha256.ofFile(experiment.resolve(experiment.denoiserWeights())));
        if (experiment.has("stage_1")) {
            RAEConfig rae = experiment.rae();
            hashes.put("decoder", Sha256.ofFile(experiment.resolve(rae.pretrainedDecoderPath())));
            if (rae.normalizationStatPath() != null) {
                hashes.put("statistics", Sha256.ofFile(experiment.resolve(rae.normalizationStatPath())));
            }
        }
        if (bundle.manifest().textEncoder() != null) {
            hashes.put("text_encoder", bundle.manifest().textEncoder());
        }
        if (experiment.guideWeights() != null) {
            hashes.put("guide", Sha256.ofFile(experiment.resolve(experiment.guideWeights())));
        }
        hashes.put("configuration", configuration(experiment));
        return new BundleParts(hashes);
    }

    /** The sections without paths, which differ between machines. */
    private static String configuration(Experiment experiment) {
        Map<String, Object> whole = experiment.config().toMap();
        Map<String, Object> kept = new LinkedHashMap<>();
        for (String section : SECTIONS) {
            kept.put(section, withoutPaths(whole.get(section)));
        }
        return Sha256.ofText(Json.canonical(kept));
    }

    private static Object withoutPaths(Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        Map<String, Object> kept = new TreeMap<>();
        map.forEach((key, inner) -> {
            String name = key.toString();
            if (!name.endsWith("path") && !name.equals("ckpt")) {
                kept.put(name, withoutPaths(inner));
            }
        });
        return kept;
    }

    /** One hash over all parts. */
    public String digest() {
        return Sha256.ofText(text());
    }

    /** The parts as one line of JSON. */
    public String text() {
        return Json.canonical(hashes);
    }

    /** Names of the parts that are not the same in {@code other}, sorted. */
    public List<String> differences(BundleParts other) {
        TreeSet<String> names = new TreeSet<>(hashes.keySet());
        names.addAll(other.hashes.keySet());
        names.removeIf(name -> hashes.containsKey(name) && hashes.get(name).equals(other.hashes.get(name)));
        return List.copyOf(names);
    }
}
