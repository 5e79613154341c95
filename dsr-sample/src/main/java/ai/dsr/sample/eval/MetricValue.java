// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * One figure with everything that its meaning depends on.
 *
 * @param name such as {@code fid} or {@code precision}
 * @param value the figure
 * @param std spread over splits or subsets, or null
 * @param samples images it is of
 * @param reference images that it compares with; null where there are none or their number is not known
 * @param spec hash of {@code evaluationSpec}: figures of different hashes are not compared
 * @param evaluationSpec network, resize, bytes, labels and the metric's own choices
 * @param expectedBias by how much the figure is expected to be too high because images are few, or null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MetricValue(
        String name,
        double value,
        Double std,
        int samples,
        Integer reference,
        String spec,
        Map<String, Object> evaluationSpec,
        Double expectedBias) {
    private static final int HASH_DIGITS = 12;

    /** Copies the map. */
    public MetricValue {
        evaluationSpec = Collections.unmodifiableMap(new TreeMap<>(evaluationSpec));
    }

    /** A figure of a specification, without spread or bias. */
    static MetricValue of(String name, double value, int samples, Integer reference, Map<String, Object> spec) {
        String hash = Sha256.ofText(Json.canonical(spec)).substring(0, HASH_DIGITS);
        return new MetricValue(name, value, null, samples, reference, hash, spec, null);
    }

    MetricValue withStd(double spread) {
        return new MetricValue(name, value, spread, samples, reference, spec, evaluationSpec, expectedBias);
    }

    MetricValue withExpectedBias(Double bias) {
        return new MetricValue(name, value, std, samples, reference, spec, evaluationSpec, bias);
    }
}
