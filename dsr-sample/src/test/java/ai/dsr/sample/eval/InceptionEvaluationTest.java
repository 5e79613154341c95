// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.NpzFile;
import ai.dsr.core.io.NpzWriter;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.run.Progress;
import ai.dsr.core.stats.DistanceType;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.config.Metric;
import ai.dsr.sample.images.ImageOrigin;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.ParameterRecipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of Inception-V3, on a network whose weights are made up. */
@ExtendWith(LeakCheck.class)
class InceptionEvaluationTest {
    @TempDir
    private static Path root;

    @BeforeAll
    static void writeWeights() {
        Map<String, TensorData> weights = new LinkedHashMap<>();
        new InceptionV3()
                .shapes()
                .forEach((name, shape) -> weights.put(
                        name, TensorData.of(ParameterRecipe.values(name, shape.getShape()), shape.getShape())));
        weights.put("Conv2d_1a_3x3.bn.num_batches_tracked", TensorData.of(new float[] {0}));
        SafeTensors.write(root.resolve("inception.safetensors"), weights, Map.of());
    }

    private static Evaluator evaluator(NDManager manager) {
        return new Evaluator(
                new EvaluationNetworks(InceptionFeatures.load(root.resolve("inception.safetensors"), manager), null),
                new EvaluationSettings(1, DistanceType.ADM, false, 2, 3),
                root.resolve("cache"),
                manager,
                (task, total) -> Progress.silent());
    }

    private static ImageSource images(int from, int count) {
        List<RgbImage> images = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            images.add(TinyProject.image(i));
        }
        return ImageSource.of("images", images, ImageOrigin.UNKNOWN);
    }

    @Test
    void setsAreComparedInItsFeatures(NDManager manager) {
        EvaluationReport report = evaluator(manager)
                .evaluate(images(0, 3), Reference.of(images(20, 3)), Metric.parse(List.of("is", "pr", "kid")));
        assertEquals(Set.of("is", "precision", "recall", "kid"), report.values().keySet());
        assertTrue(report.values().get("is") >= 1);
        MetricValue recall = report.metrics().stream()
                .filter(metric -> metric.name().equals("recall"))
                .findFirst()
                .orElseThrow();
        assertEquals("adm", recall.evaluationSpec().get("distance_dtype"));
        assertEquals("inception-v3", recall.evaluationSpec().get("network"));
        assertTrue(report.warnings().get(0).startsWith("is of 3 images is too low"));
    }

    @Test
    @Tag("slow") // eigenvalues of 2048 x 2048 matrices
    void frechetDistancesComeFromAnAdmFile(NDManager manager) throws Exception {
        Evaluator evaluator = evaluator(manager);
        ImageSource reference = images(20, 4);
        Path file = root.resolve("reference.npz");
        ReferenceFile.write(
                file,
                evaluator.statistics(reference),
                new ReferenceRecord(ReferenceRecord.FORMAT, "images", 4, 28, "as stored", evaluator.specs()),
                reference);
        try (NpzFile npz = NpzFile.open(file)) {
            assertEquals(Set.of("mu", "sigma", "mu_s", "sigma_s", "arr_0", "dsr_reference"), npz.names());
            assertEquals("(2048)", npz.header("mu").shape().toString());
            assertEquals("(2023, 2023)", npz.header("sigma_s").shape().toString());
        }
        Map<String, Double> values = evaluator
                .evaluate(images(0, 3), ReferenceFile.read(file), Metric.parse(List.of("fid", "sfid")))
                .values();
        assertTrue(values.get("fid") > 0 && values.get("sfid") > 0, values.toString());
    }

    @Test
    void statisticsOfAnotherWidthAreRefused(NDManager manager) {
        Path file = root.resolve("narrow.npz");
        new NpzWriter()
                .add("mu", new double[] {1, 2}, 2)
                .add("sigma", new double[] {1, 0, 0, 1}, 2, 2)
                .write(file);
        assertEquals(
                file + ": expected statistics of 2048 features (inception-v3, pool3) for fid, got 2",
                assertThrows(IllegalArgumentException.class, () -> evaluator(manager)
                                .require(ReferenceFile.read(file), Set.of(Metric.FID)))
                        .getMessage());
    }
}
