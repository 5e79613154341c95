// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import ai.dsr.core.stats.DistanceType;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.config.Metric;
import ai.dsr.sample.images.ImageOrigin;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.testkit.LeakCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class EvaluatorTest {
    private static final int SIZE = 28;
    private static final EvaluationSettings SETTINGS = new EvaluationSettings(2, DistanceType.FLOAT32, false, 4, 5);
    private static final Set<Metric> SETS = Metric.parse(List.of("fd_dinov2", "pr", "kid"));

    @TempDir
    private Path root;

    private static List<RgbImage> images(int from, int count) {
        List<RgbImage> images = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            images.add(TinyProject.image(i));
        }
        return images;
    }

    private static ImageSource source(List<RgbImage> images) {
        return ImageSource.of("images", images, ImageOrigin.UNKNOWN);
    }

    private Evaluator evaluator(NDManager manager, String cache) {
        Path encoder = TinyProject.writeEncoder(root.resolve("encoder"), 1);
        return new Evaluator(
                new EvaluationNetworks(null, EncoderFeatures.load(encoder, SIZE, manager)),
                SETTINGS,
                root.resolve(cache),
                manager,
                (task, total) -> Progress.silent());
    }

    @Test
    void orderAndInterruptionsDoNotChangeABit(NDManager manager) {
        List<RgbImage> samples = images(0, 20);
        List<RgbImage> reference = images(100, 24);
        Map<String, Double> once = evaluator(manager, "a")
                .evaluate(source(samples), Reference.of(source(reference)), SETS)
                .values();
        List<RgbImage> turned = new ArrayList<>(samples);
        Collections.reverse(turned);
        Collections.swap(reference, 3, 17);
        Evaluator other = evaluator(manager, "b");
        ImageSource failing = failingAfter(7, turned);
        assertThrows(IllegalStateException.class, () -> other.evaluate(failing, Reference.of(source(reference)), SETS));
        Map<String, Double> resumed = evaluator(manager, "b")
                .evaluate(source(turned), Reference.of(source(reference)), SETS)
                .values();
        assertEquals(Set.of("fd_dinov2", "precision", "recall", "kid"), once.keySet());
        assertEquals(once, resumed);
    }

    private static ImageSource failingAfter(int good, List<RgbImage> images) {
        return new ImageSource() {
            @Override
            public String name() {
                return "failing";
            }

            @Override
            public int count() {
                return images.size();
            }

            @Override
            public Cursor open() {
                int[] next = {0};
                return () -> {
                    if (next[0] == good) {
                        throw new IllegalStateException("stopped");
                    }
                    return images.get(next[0]++);
                };
            }
        };
    }

    @Test
    void anImageHasTheSameFeaturesInEverySet(NDManager manager) {
        EncoderFeatures network = EncoderFeatures.load(TinyProject.writeEncoder(root.resolve("e"), 1), SIZE, manager);
        try (NDManager scope = manager.newSubManager();
                FeatureCache cache = FeatureCache.open(root, network.spec())) {
            float[] alone = network.extract(scope, TinyProject.image(5));
            FeatureSet set = FeatureSet.extract(source(images(3, 4)), network, cache, manager, Progress.silent());
            double[] inSet = set.inOrder(EncoderFeatures.CLASS_TOKEN).rows(2, 1);
            for (int i = 0; i < alone.length; i++) {
                assertEquals(alone[i], inSet[i]);
            }
        }
    }

    @Test
    void equalSetsAreAtZeroAndPairsAtTheirBest(NDManager manager) {
        ImageSource set = source(images(0, 12));
        EvaluationReport report = evaluator(manager, "a")
                .evaluate(
                        set,
                        Reference.of(source(images(0, 12))),
                        Metric.parse(List.of("fd_dinov2", "pr", "psnr", "ssim", "l1")));
        Map<String, Double> values = report.values();
        assertEquals(0, values.get("fd_dinov2"), 1e-6);
        assertEquals(1, values.get("precision"));
        assertEquals(100, values.get("psnr"), 1e-9);
        assertEquals(1, values.get("ssim"), 1e-9);
        assertEquals(0, values.get("l1"));
    }

    @Test
    void pairsAreAveragedWhateverTheirOrder(NDManager manager) {
        Set<Metric> pairs = Metric.parse(List.of("psnr", "ssim", "l1"));
        List<RgbImage> a = images(0, 7);
        List<RgbImage> b = images(50, 7);
        Evaluator evaluator = evaluator(manager, "a");
        Map<String, Double> forward =
                evaluator.evaluate(source(a), Reference.of(source(b)), pairs).values();
        Collections.reverse(a);
        Collections.reverse(b);
        assertEquals(
                forward,
                evaluator.evaluate(source(a), Reference.of(source(b)), pairs).values());
    }

    @Test
    void fewImagesAreWarnedOfWithTheExpectedBias(NDManager manager) {
        EvaluationReport report = evaluator(manager, "a")
                .evaluate(source(images(0, 16)), Reference.of(source(images(40, 16))), Set.of(Metric.FD_DINOV2));
        MetricValue value = report.metrics().get(0);
        assertTrue(value.expectedBias() > 0, "bias " + value.expectedBias());
        assertTrue(
                report.warnings().get(0).startsWith("fd_dinov2 of 16 images is too high, by about "), report.toTable());
        assertTrue(report.toTable().contains("dinov2") && report.toTable().contains(value.spec()));
    }

    @Test
    void theSpecFollowsWhatMatters(NDManager manager) {
        Evaluator evaluator = evaluator(manager, "a");
        Reference reference = Reference.of(source(images(40, 6)));
        MetricValue plain = evaluator
                .evaluate(source(images(0, 6)), reference, Set.of(Metric.FD_DINOV2))
                .metrics()
                .get(0);
        ImageSource drawn = ImageSource.of("drawn", images(0, 6), new ImageOrigin("as drawn", "cut off", "equal", 3L));
        MetricValue other = evaluator
                .evaluate(drawn, reference, Set.of(Metric.FD_DINOV2))
                .metrics()
                .get(0);
        assertEquals(plain.value(), other.value());
        assertNotEquals(plain.spec(), other.spec());
        ImageSource seed = ImageSource.of("drawn", images(0, 6), new ImageOrigin("as drawn", "cut off", "equal", 4L));
        assertEquals(
                other.spec(),
                evaluator
                        .evaluate(seed, reference, Set.of(Metric.FD_DINOV2))
                        .metrics()
                        .get(0)
                        .spec());
    }

    @Test
    void aReferenceFileGivesTheFiguresOfItsImages(NDManager manager) {
        Evaluator evaluator = evaluator(manager, "a");
        ImageSource reference = source(images(60, 20));
        Path file = root.resolve("ref.npz");
        ReferenceRecord about =
                new ReferenceRecord(ReferenceRecord.FORMAT, "images", 20, SIZE, "as stored", evaluator.specs());
        ReferenceFile.write(file, evaluator.statistics(reference), about, reference);
        ImageSource samples = source(images(0, 20));
        EvaluationReport direct = evaluator.evaluate(samples, Reference.of(reference), SETS);
        EvaluationReport stored = evaluator.evaluate(samples, ReferenceFile.read(file), SETS);
        assertEquals(direct.values(), stored.values());
        assertEquals(20, stored.metrics().get(1).reference());
        assertEquals(
                "",
                stored.compare(direct, false)
                        .lines()
                        .filter(line -> !line.contains("(+0.0000)"))
                        .reduce("", String::concat));
    }

    @Test
    void aReferenceOfTheWrongKindIsRefused(NDManager manager) {
        Evaluator evaluator = evaluator(manager, "a");
        ImageSource images = source(images(60, 8));
        Path file = root.resolve("ref.npz");
        ReferenceRecord about =
                new ReferenceRecord(ReferenceRecord.FORMAT, "images", 8, SIZE, "as stored", evaluator.specs());
        ReferenceFile.write(file, evaluator.statistics(images), about, null);
        Reference reference = ReferenceFile.read(file);
        assertNull(reference.images());
        evaluator.require(reference, Set.of(Metric.FD_DINOV2));
        assertEquals(
                file + ": expected images for pr, got statistics alone; give the images, or a file with arr_0",
                refusal(evaluator, reference, Metric.PR));
        Path other = TinyProject.writeEncoder(root.resolve("other"), 2);
        Evaluator stranger = new Evaluator(
                new EvaluationNetworks(null, EncoderFeatures.load(other, SIZE, manager)),
                SETTINGS,
                root,
                manager,
                (task, total) -> Progress.silent());
        String message = refusal(stranger, reference, Metric.FD_DINOV2);
        assertTrue(message.startsWith(file + ": expected statistics of other at 28 px, "), message);
        assertTrue(message.contains("got those of encoder at 28 px, "), message);
    }

    @Test
    void whatIsMissingIsNamedBeforeAnythingIsComputed(NDManager manager) {
        Evaluator evaluator = evaluator(manager, "a");
        Reference reference = Reference.of(source(images(0, 8)));
        String message = refusal(evaluator, reference, Metric.FID);
        assertTrue(
                message.startsWith("fid: expected the weights of Inception-V3, got none; give them with --inception"));
        assertEquals(
                "pairs: expected as many samples as reference images (8), got 7",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> evaluator.evaluate(source(images(0, 7)), reference, Set.of(Metric.PSNR)))
                        .getMessage());
        ImageSource large =
                ImageSource.of("large", List.of(RgbImage.of(40, 40, new byte[40 * 40 * 3])), ImageOrigin.UNKNOWN);
        assertEquals(
                "images: expected images of the samples' size (40x40), got 28x28; give --image-size, or --force to"
                        + " compare all the same",
                assertThrows(IllegalArgumentException.class, () -> Evaluator.requireEqualSizes(large, reference))
                        .getMessage());
    }

    private static String refusal(Evaluator evaluator, Reference reference, Metric metric) {
        return assertThrows(IllegalArgumentException.class, () -> evaluator.require(reference, Set.of(metric)))
                .getMessage();
    }

    @Test
    void encodersThatDoNotFitAreNamed(NDManager manager) {
        Path encoder = TinyProject.writeEncoder(root.resolve("encoder"), 1);
        assertEquals(
                "encoder size: expected a multiple of the patch size (14), got 30",
                assertThrows(IllegalArgumentException.class, () -> EncoderFeatures.load(encoder, 30, manager))
                        .getMessage());
        Path missing = root.resolve("inception.safetensors");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> InceptionFeatures.load(missing, manager))
                .getMessage()
                .startsWith("inception: expected a safetensors file, got " + missing));
    }

    @Test
    void metricsAreParsedByName() {
        assertEquals(Set.of(Metric.FID, Metric.PSNR), Metric.parse(List.of("rFID", " psnr ")));
        assertEquals(
                "metrics: expected some of fid, sfid, is, pr, kid, fd_dinov2, psnr, ssim, l1, got lpips",
                assertThrows(IllegalArgumentException.class, () -> Metric.parse(List.of("lpips")))
                        .getMessage());
    }
}
