// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.TensorData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Results of this library beside those that another program stored, by name. */
public final class ActivationCheck {
    private static final String OUT = "out/";
    private static final String GRADIENT = "grad/";

    private final Map<String, TensorData> computed = new LinkedHashMap<>();

    /** Notes a result, under the name that goldens have for it without {@code out/}. */
    void put(String name, NDArray value) {
        computed.put(OUT + name, TensorData.of(value));
    }

    /** Notes a gradient. */
    void putGradient(String name, NDArray value) {
        computed.put(GRADIENT + name, TensorData.of(value));
    }

    /** Notes a tensor that is there already. */
    void put(String name, TensorData value) {
        computed.put(OUT + name, value);
    }

    /**
     * One stored result.
     *
     * @param name {@code out} for a prediction, {@code block.3} and the like for what is inside, {@code grad/NAME} for
     *     gradients
     * @param worst largest absolute difference; infinite for another shape; NaN if this model has no such result
     * @param scale largest absolute value stored; of gradients that of all weights together, since a gradient that is zero
     *     by theory, such as that of a key bias, is nothing but rounding
     */
    public record Line(String name, double worst, double scale) {
        /** Whether there was something to compare. */
        public boolean isCompared() {
            return !Double.isNaN(worst);
        }

        /** The difference as a share of the scale. */
        public double relative() {
            return worst == 0 ? 0 : worst / scale;
        }
    }

    /**
     * Compares each stored result.
     *
     * @throws IllegalArgumentException if none of them was computed
     */
    List<Line> against(Goldens goldens) {
        List<Line> lines = new ArrayList<>();
        Map<String, TensorData> gradients = goldens.tensors().under(GRADIENT).toMap();
        double steepest = gradients.values().stream()
                .mapToDouble(ActivationCheck::largest)
                .max()
                .orElse(0);
        goldens.tensors()
                .under(OUT)
                .toMap()
                .forEach((name, golden) -> lines.add(line(name, golden, computed.get(OUT + name), largest(golden))));
        gradients.forEach(
                (name, golden) -> lines.add(line(GRADIENT + name, golden, computed.get(GRADIENT + name), steepest)));
        if (lines.stream().noneMatch(Line::isCompared)) {
            throw new IllegalArgumentException(goldens.tensors().source() + ": expected results among "
                    + LoadReport.listing(computed.keySet()) + ", got none of them");
        }
        return lines;
    }

    private static double largest(TensorData tensor) {
        double largest = 0;
        for (float value : tensor.toFloats()) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    private static Line line(String name, TensorData golden, TensorData got, double scale) {
        if (got == null) {
            return new Line(name, Double.NaN, scale);
        }
        if (!got.toShape().equals(golden.toShape())) {
            return new Line(name, Double.POSITIVE_INFINITY, scale);
        }
        float[] wanted = golden.toFloats();
        float[] values = got.toFloats();
        double worst = 0;
        for (int i = 0; i < wanted.length; i++) {
            double difference = Math.abs((double) values[i] - wanted[i]);
            worst = Math.max(worst, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
        }
        return new Line(name, worst, scale);
    }
}
