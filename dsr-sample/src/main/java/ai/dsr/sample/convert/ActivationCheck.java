// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.dit.model.DiffusionTransformer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a denoiser computes from stored inputs beside what another program computed from them. */
public final class ActivationCheck {
    private static final String IN = "in/";
    private static final String OUT = "out/";

    /** The target of a loss may be there, since some stored results have one; it is not used. */
    private static final Set<String> INPUTS = Set.of("x", "t", "y", "target");

    private ActivationCheck() {}

    /**
     * One stored output.
     *
     * @param name {@code out} for the prediction, {@code block.3} and the like for what is inside
     * @param worst largest absolute difference; infinite for another shape; NaN if this model has no such output
     * @param scale largest absolute value stored
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
     * Runs a model in float32 and compares each stored output.
     *
     * @param model the denoiser with its weights
     * @param goldens safetensors with {@code in/x (B, C, S, S)}, {@code in/t (B)}, {@code in/y (B)} and outputs {@code
     *     out/NAME}
     * @param manager owns what is computed
     * @throws IllegalArgumentException if an input is missing, or there is nothing to compare
     */
    public static List<Line> run(DiffusionTransformer model, Path goldens, NDManager manager) {
        StateDict stored = SafeTensors.read(goldens);
        List<String> foreign = stored.under(IN).names().stream()
                .filter(name -> !INPUTS.contains(name))
                .toList();
        if (!foreign.isEmpty()) {
            throw new IllegalArgumentException(goldens + ": expected the inputs x, t and y, got also "
                    + LoadReport.listing(foreign) + ", which a denoiser does not take");
        }
        try (NDManager scope = manager.newSubManager()) {
            NDArray x = stored.get(IN + "x").toArray(scope, DataType.FLOAT32);
            NDArray t = stored.get(IN + "t").toArray(scope, DataType.FLOAT32);
            NDArray y = stored.get(IN + "y").toArray(scope);
            Map<String, float[]> computed = new LinkedHashMap<>();
            NDArray out = model.forward(x, t, y, (name, value) -> computed.put(name, value.toFloatArray()));
            computed.put("out", out.toFloatArray());
            List<Line> lines = new ArrayList<>();
            stored.under(OUT).toMap().forEach((name, golden) -> lines.add(line(name, golden, computed.get(name))));
            if (lines.stream().noneMatch(Line::isCompared)) {
                throw new IllegalArgumentException(goldens + ": expected outputs among out/out and out/"
                        + String.join(", out/", computed.keySet()) + ", got none of them");
            }
            return lines;
        }
    }

    private static Line line(String name, TensorData golden, float[] got) {
        float[] wanted = golden.toFloats();
        double scale = 0;
        double worst = got == null ? Double.NaN : got.length == wanted.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < wanted.length; i++) {
            scale = Math.max(scale, Math.abs(wanted[i]));
            if (got != null && got.length == wanted.length) {
                double difference = Math.abs((double) got[i] - wanted[i]);
                worst = Math.max(worst, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
            }
        }
        return new Line(name, worst, scale);
    }
}
