// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.solver.OdeMethod;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleParts;
import ai.dsr.sample.export.DpgFolder;
import ai.dsr.sample.export.GenEvalFolder;
import ai.dsr.sample.export.PromptExport;
import ai.dsr.sample.provenance.Provenance;
import ai.dsr.sample.provenance.Remake;
import ai.dsr.testkit.LeakCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class TextToImageTest {
    private static final SamplerConfig SAMPLER = SamplerConfig.ode(OdeMethod.EULER, 3);

    @TempDir
    private static Path root;

    private static Path folder;
    private static TextToImage pipeline;

    @BeforeAll
    static void load() {
        folder = TinyProject.writeText(root);
        pipeline = TextToImage.load(folder);
        pipeline.generate(TextRequest.of("", 1, 0)); // models keep tables that they make in their first call
    }

    @AfterAll
    static void close() {
        pipeline.close();
    }

    private static List<RgbImage> draw(TextRequest request, double guidance) {
        return pipeline.generate(request, SAMPLER, GuidanceConfig.of(GuidanceMethod.CFG, guidance), Progress.silent())
                .images();
    }

    @Test
    void anImageDependsOnSeedPromptAndNumberOnly() {
        List<RgbImage> many = draw(TextRequest.of("a cat", 6, 3), 2); // two chunks
        assertEquals(28, many.get(0).width());
        assertEquals(many.subList(0, 1), draw(TextRequest.of("a cat", 1, 3), 2));
        assertEquals(many.subList(3, 6), draw(new TextRequest("a cat", 3, 3, 3), 2));
        assertNotEquals(many.get(0), many.get(1));
        assertNotEquals(many.get(0), draw(TextRequest.of("a cat", 1, 4), 2).get(0));
        assertNotEquals(many.get(0), draw(TextRequest.of("a dog", 1, 3), 2).get(0));
    }

    @Test
    void theExampleOfTheReadmeDraws() {
        Path first = root.resolve("first.png");
        try (TextToImage pipeline = TextToImage.load(folder)) {
            List<RgbImage> images = pipeline.generate(TextRequest.of("a red apple", 4, 7L)); // 4 images, seed 7
            ImageCodec.writePng(first, images.get(0));
            assertEquals(4, images.size());
        }
        assertEquals(28, ImageCodec.read(first).width());
    }

    @Test
    void guidanceMovesAwayFromNoText() {
        TextRequest request = TextRequest.of("a cat", 1, 3);
        List<RgbImage> plain = pipeline.generate(request, SAMPLER, GuidanceConfig.OFF, Progress.silent())
                .images();
        assertEquals(plain, draw(request, 1));
        assertNotEquals(plain, draw(request, 6));
    }

    @Test
    void workIsChunksTimesSolverSteps() {
        assertEquals(2, TextToImage.work(TextRequest.of("", 4, 0), SAMPLER));
        assertEquals(4, TextToImage.work(TextRequest.of("", 5, 0), SAMPLER));
        assertEquals(4, TextToImage.work(new TextRequest("", 3, 2, 0), SAMPLER));
    }

    @Test
    void requestsForNothingAreRefused() {
        assertEquals(
                "count: expected 1 or more images, got 0",
                assertThrows(IllegalArgumentException.class, () -> TextRequest.of("a cat", 0, 0))
                        .getMessage());
        assertEquals(
                "first: expected 0 or more, got -1",
                assertThrows(IllegalArgumentException.class, () -> new TextRequest("a cat", -1, 1, 0))
                        .getMessage());
    }

    @Test
    void anotherTextEncoderThanThatOfTrainingIsRefused() {
        Bundle bundle = Bundle.open(folder);
        Bundle longer = new Bundle(bundle.experiment().with(List.of("text.encoder.max_length=17")), bundle.manifest());
        String message = assertThrows(
                        IllegalArgumentException.class, () -> TextToImage.load(longer, Torch.newManager()))
                .getMessage();
        assertTrue(message.startsWith("text.encoder: expected the one of training, "), message);
    }

    @Test
    void aBundleOfClassesTakesNoPrompts() {
        Bundle classes = Bundle.open(root.resolve("bundle"));
        assertThrows(RuntimeException.class, () -> TextToImage.load(classes, Torch.newManager()));
    }

    @Test
    void aPictureIsDrawnAgainFromItsFile() {
        Bundle bundle = Bundle.open(folder);
        Path png = root.resolve("cat.png");
        Provenance made = provenance(bundle).of(Provenance.Condition.PROMPT, "a caf\u00e9 cat", 2, 3);
        RgbImage image =
                pipeline.generate(new TextRequest("a caf\u00e9 cat", 2, 1, 11)).get(0);
        ImageCodec.writePng(png, image, made.toText());
        assertEquals(made, Provenance.read(png));
        Remake.Result same = Remake.run(png, bundle, Torch.newManager());
        assertTrue(same.isSame(), same.differences()::toString);
        assertEquals(List.of(), same.differences());
        assertEquals(image, same.image());

        Bundle other = new Bundle(bundle.experiment().with(List.of("misc.time_dist_shift_base=8")), bundle.manifest());
        Remake.Result changed = Remake.run(png, other, Torch.newManager());
        assertEquals(List.of("configuration"), changed.differences());
        assertTrue(changed.differingPixels() > 0);
    }

    private static Provenance provenance(Bundle bundle) {
        return Provenance.of(
                bundle.experiment(), BundleParts.of(bundle), 11, Provenance.Run.here(Device.cpu(), Precision.FP32));
    }

    @Test
    void anExportGoesOnWhereItWasStopped() throws IOException {
        Bundle bundle = Bundle.open(folder);
        List<String> lines = List.of(
                "{\"tag\": \"colors\", \"include\": [], \"prompt\": \"a red cat\"}",
                "{\"tag\": \"colors\", \"include\": [], \"prompt\": \"a blue cat\"}");
        Path out = root.resolve("geneval");
        PromptExport export = new PromptExport(pipeline, provenance(bundle));
        assertEquals(1, export.run(new GenEvalFolder(out, lines.subList(0, 1), 2), Progress.silent()));
        Files.delete(out.resolve("00000/metadata.jsonl")); // as a kill would leave it
        assertEquals(2, export.run(new GenEvalFolder(out, lines, 2), Progress.silent()));
        assertEquals(0, export.run(new GenEvalFolder(out, lines, 2), Progress.silent()));
        assertEquals(
                Json.parse(lines.get(1).getBytes(StandardCharsets.UTF_8), Map.class, "line"),
                Json.read(out.resolve("00001/metadata.jsonl"), Map.class));
        assertEquals(second("a blue cat"), ImageCodec.read(out.resolve("00001/samples/00001.png")));

        List<String> swapped = List.of(lines.get(1), lines.get(0));
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> export.run(new GenEvalFolder(out, swapped, 2), Progress.silent()))
                .getMessage();
        assertTrue(message.endsWith("expected line 1 of the metadata, got another; use another folder"), message);
        Provenance otherSeed = Provenance.of(
                bundle.experiment(), BundleParts.of(bundle), 12, Provenance.Run.here(Device.cpu(), Precision.FP32));
        PromptExport other = new PromptExport(pipeline, otherSeed);
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> other.run(new GenEvalFolder(out, lines, 2), Progress.silent()))
                .getMessage()
                .contains("expected a picture of this prompt, bundle, seed"));
    }

    private static RgbImage second(String prompt) {
        return pipeline.generate(TextRequest.of(prompt, 2, 11)).get(1);
    }

    @Test
    void dpgFoldersHoldNothingButPictures() throws IOException {
        Path out = root.resolve("dpg");
        Files.createDirectories(out);
        Files.createFile(out.resolve(".a1.png.01234567-89ab-cdef-0123-456789abcdef.tmp"));
        DpgFolder layout = new DpgFolder(out, Map.of("a1", "a red cat"), 4, 14);
        Provenance shared = provenance(Bundle.open(folder));
        assertEquals(1, new PromptExport(pipeline, shared).run(layout, Progress.silent()));
        try (Stream<Path> files = Files.list(out)) {
            assertEquals(List.of(out.resolve("a1.png")), files.toList());
        }
        assertEquals(28, ImageCodec.read(out.resolve("a1.png")).width());
        assertEquals(
                "prompt file: expected a name with one dot, as in partiprompts12.txt, got a.1.txt",
                assertThrows(IllegalArgumentException.class, () -> new DpgFolder(out, Map.of("a.1", ""), 4, 14))
                        .getMessage());
        assertEquals(
                "pic_num: expected a square such as 1 or 4, got 3",
                assertThrows(IllegalArgumentException.class, () -> new DpgFolder(out, Map.of("a", ""), 3, 14))
                        .getMessage());
    }
}
