// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.NpzWriter;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.images.ImageArchive;
import ai.dsr.sample.images.ImageOrigin;
import ai.dsr.sample.images.ImageSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesAndReportsTest {
    @TempDir
    private Path root;

    private static List<RgbImage> read(ImageSource source) {
        List<RgbImage> images = new ArrayList<>();
        try (ImageSource.Cursor cursor = source.open()) {
            for (int i = 0; i < source.count(); i++) {
                images.add(cursor.next());
            }
        }
        return images;
    }

    @Test
    void aFolderIsReadByNameWithoutOurGrid() {
        for (int i = 0; i < 3; i++) {
            ImageCodec.writePng(root.resolve("00" + i + ".png"), TinyProject.image(i));
        }
        ImageCodec.writePng(root.resolve("grid.png"), RgbImage.of(5, 5, new byte[75]));
        ImageSource source = ImageSources.open(root.toString(), null);
        assertEquals(List.of(TinyProject.image(0), TinyProject.image(1), TinyProject.image(2)), read(source));
        ImageSource cropped = ImageSources.open(root.toString(), 14);
        assertEquals(14, read(cropped).get(2).width());
        assertEquals("center crop 14", cropped.origin().transform());
        assertEquals(2, source.limit(2).count());
        DatasetImages data = (DatasetImages) source;
        assertEquals(read(data.some(2, 1)), read(data.some(2, 1)));
        assertTrue(read(source).containsAll(read(data.some(2, 1))));
        assertEquals(
                "--num: expected at most the 3 images of " + root + ", got 4",
                assertThrows(IllegalArgumentException.class, () -> data.some(4, 1))
                        .getMessage());
        assertEquals(3, source.limit(9).count());
    }

    @Test
    void anArchiveGivesBackWhatWasAddedAndWhereItCameFrom() throws IOException {
        Path file = root.resolve("a.npz");
        ImageOrigin origin = new ImageOrigin("as drawn", "cut off", "random", 7L);
        try (ImageArchive archive = new ImageArchive(file)) {
            archive.add(TinyProject.image(1));
            archive.add(TinyProject.image(2));
            assertEquals(
                    "images: expected all of 28x28, got 1x1",
                    assertThrows(IllegalArgumentException.class, () -> archive.add(RgbImage.of(1, 1, new byte[3])))
                            .getMessage());
            archive.finish(origin);
        }
        ImageSource source = ImageSources.open(file.toString(), null);
        assertEquals(List.of(TinyProject.image(1), TinyProject.image(2)), read(source));
        assertEquals(origin, source.origin());
        try (var files = Files.list(root)) {
            assertEquals(List.of(file), files.toList()); // no temporary file stays
        }
    }

    @Test
    void noiseIsTheSameEachTime() {
        ImageSource noise = new NoiseImages(3, 8, 1);
        assertEquals(read(noise), read(noise));
        assertEquals(3, read(noise).stream().distinct().count());
    }

    @Test
    void whatIsNoSetOfImagesIsNamed() throws IOException {
        Path missing = root.resolve("none");
        assertEquals(
                missing + ": expected a folder of images, an .npz, a .yaml or emoji, got no such thing",
                refusal(missing.toString()));
        Path file = Files.writeString(root.resolve("file"), "x");
        assertTrue(refusal(file.toString()).endsWith("got another file"));
        assertTrue(refusal(root + ":train").contains("before the part of a data set"));
        Path npz = root.resolve("labels.npz");
        new NpzWriter().add("arr_0", new double[] {1}, 1).write(npz);
        assertEquals(npz + ": arr_0: expected images (N, H, W, 3) uint8, got float64 (1)", refusal(npz.toString()));
        new NpzWriter().add("other", new double[] {1}, 1).write(npz);
        assertEquals(
                npz + ": expected images (arr_0) or statistics (mu, sigma), got [other]",
                assertThrows(IllegalArgumentException.class, () -> ReferenceFile.read(npz))
                        .getMessage());
        new NpzWriter()
                .add("mu", new double[] {1, 2}, 2)
                .add("sigma", new double[] {1}, 1, 1)
                .write(npz);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ReferenceFile.read(npz))
                .getMessage()
                .startsWith(npz + ": expected mu (D) and sigma (D, D) in floating point"));
        new NpzWriter()
                .add("mu", new double[] {Double.NaN}, 1)
                .add("sigma", new double[] {1}, 1, 1)
                .write(npz);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ReferenceFile.read(npz))
                .getMessage()
                .startsWith(npz + ": mu: mean: expected finite values, got NaN"));
    }

    private static String refusal(String text) {
        return assertThrows(IllegalArgumentException.class, () -> ImageSources.open(text, null))
                .getMessage();
    }

    private static EvaluationReport report(double value, int samples, String resize) {
        MetricValue metric = MetricValue.of("fid", value, samples, 10, Map.of("resize", resize));
        return new EvaluationReport(
                EvaluationReport.FORMAT, "s", ImageOrigin.UNKNOWN, "r", "float32", "cpu", List.of(metric), List.of());
    }

    @Test
    void figuresOfDifferentSpecsOrNumbersAreNotCompared() {
        EvaluationReport now = report(3, 10, "bilinear");
        Path file = root.resolve("report.json");
        report(5, 10, "bilinear").write(file);
        assertEquals(
                "fid                 5.0000 -> 3.0000 (-2.0000)\n", now.compare(EvaluationReport.read(file), false));
        EvaluationReport other = report(5, 10, "bicubic");
        assertEquals(
                "compare: expected figures of one spec, got fid of resize bicubic and bilinear; add --force to compare"
                        + " all the same",
                refusal(now, other));
        assertTrue(refusal(now, report(5, 9, "bilinear")).contains("fid of 9 and 10 images"));
        assertTrue(now.compare(other, true).contains("-2.0000"));
    }

    private static String refusal(EvaluationReport now, EvaluationReport then) {
        return assertThrows(IllegalArgumentException.class, () -> now.compare(then, false))
                .getMessage();
    }

    @Test
    void aFileThatIsNoReportIsNamed() throws IOException {
        Path file = root.resolve("report.json");
        report(5, 10, "x").write(file);
        Files.writeString(file, Files.readString(file).replace(EvaluationReport.FORMAT, "dsr-evaluation-0"));
        assertEquals(
                file + ": format: expected dsr-evaluation-1, got dsr-evaluation-0",
                assertThrows(IllegalArgumentException.class, () -> EvaluationReport.read(file))
                        .getMessage());
    }
}
