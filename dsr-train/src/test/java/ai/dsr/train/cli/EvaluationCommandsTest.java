// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.NpzFile;
import ai.dsr.sample.eval.EvaluationReport;
import ai.dsr.train.loop.MetricsLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluation, references and bulk sampling as a user runs them, on a project of width 16 that evaluates as it trains. */
class EvaluationCommandsTest {
    @TempDir
    private static Path root;

    @TempDir
    private Path out;

    private static Path denoiser;
    private static Path decoder;

    @BeforeAll
    static void trainWithEvaluation() {
        TinyFiles.write(root);
        decoder = root.resolve("runs/decoder");
        denoiser = root.resolve("runs/dit");
        String shared = "{eval_interval: 3, data_path: \"" + root + "/images\", encoder: \"" + root
                + "/encoder\", encoder_size: 28, ";
        succeed(
                "train-decoder",
                root.resolve("decoder.yaml"),
                "--set",
                "eval=" + shared + "num_samples: 7, metrics: [psnr, ssim, l1, fd_dinov2]}");
        succeed(
                "train",
                root.resolve("dit.yaml"),
                "--set",
                "eval=" + shared + "num_samples: 11, labels: random, seed: 4, eval_model: true, keep_samples: true}");
    }

    private static String succeed(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = execute(out, err, args);
        assertEquals("", err.toString());
        assertEquals(0, code);
        return out.toString();
    }

    private static String fail(Object... args) {
        StringWriter err = new StringWriter();
        assertEquals(2, execute(new StringWriter(), err, args), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
        return err.toString().strip();
    }

    /** The one line of a failing command must contain a text. */
    private static void failWith(String expected, Object... args) {
        String message = fail(args);
        assertTrue(message.contains(expected), message);
    }

    private static int execute(StringWriter out, StringWriter err, Object... args) {
        return Dsr.execute(
                new PrintWriter(out, true),
                new PrintWriter(err, true),
                Stream.of(args).map(Object::toString).toArray(String[]::new));
    }

    private Path evaluate(Path samples, String metrics) {
        Path json = out.resolve(samples.getFileName() + ".json");
        String table = succeed(
                "evaluate",
                samples,
                "--reference",
                root.resolve("images"),
                "--image-size",
                28,
                "--metrics",
                metrics,
                "--encoder",
                root.resolve("encoder"),
                "--encoder-size",
                28,
                "--cache",
                out.resolve("cache"),
                "--json",
                json);
        assertTrue(table.contains("report:    " + json), table);
        return json;
    }

    private static byte[] images(Path npz) {
        try (NpzFile file = NpzFile.open(npz)) {
            byte[] bytes = new byte[(int) file.read("arr_0").size()];
            file.read("arr_0").bytes().get(bytes);
            return bytes;
        }
    }

    @Test
    void figuresInTrainingAreThoseOfTheCommandToTheBit() {
        Path samples = out.resolve("samples.npz");
        succeed("sample", denoiser, "--num", 11, "--labels", "random", "--seed", 4, "--npz", samples, "--workers", 2);
        assertArrayEquals(images(denoiser.resolve("eval/step-0000003-ema.npz")), images(samples));
        EvaluationReport training = EvaluationReport.read(denoiser.resolve("eval/step-0000003-ema.json"));
        EvaluationReport command = EvaluationReport.read(evaluate(samples, "fd_dinov2,pr"));
        assertEquals(training.metrics(), command.metrics()); // values, specs, numbers of images
        assertEquals(3, command.metrics().size());
        JsonNode line = new MetricsLog(denoiser)
                .read().stream()
                        .filter(node -> node.has("eval/ema/fd_dinov2"))
                        .findFirst()
                        .orElseThrow();
        assertEquals(3, line.get("step").asInt());
        assertEquals(
                command.values().get("fd_dinov2"),
                line.get("eval/ema/fd_dinov2").asDouble());
        assertTrue(line.has("eval/model/precision"), line.toString());
    }

    @Test
    void reconstructionsInTrainingAreThoseOfTheCommandToTheBit() {
        Path npz = out.resolve("reconstructions.npz");
        succeed("reconstruct", decoder, "--images", root.resolve("images"), "--count", 7, "--npz", npz);
        EvaluationReport training = EvaluationReport.read(decoder.resolve("eval/step-0000003-ema.json"));
        assertFalse(Files.exists(decoder.resolve("eval/step-0000003-ema.npz")));
        Path firstSeven = out.resolve("images");
        copyFirst(7, firstSeven);
        StringWriter err = new StringWriter();
        Path json = out.resolve("r.json");
        assertEquals(
                0,
                execute(
                        new StringWriter(),
                        err,
                        "evaluate",
                        npz,
                        "--reference",
                        firstSeven,
                        "--image-size",
                        28,
                        "--metrics",
                        "psnr,ssim,l1,fd_dinov2",
                        "--encoder",
                        root.resolve("encoder"),
                        "--encoder-size",
                        28,
                        "--cache",
                        out.resolve("cache"),
                        "--json",
                        json),
                err.toString());
        assertEquals(training.metrics(), EvaluationReport.read(json).metrics());
        assertEquals(4, training.metrics().size());
    }

    /** The first images of the class folders, in their order, as a folder of their own. */
    private static void copyFirst(int count, Path target) {
        try (Stream<Path> files = Files.walk(root.resolve("images"))) {
            List<Path> images =
                    files.filter(Files::isRegularFile).sorted().limit(count).toList();
            Files.createDirectories(target);
            for (int i = 0; i < count; i++) {
                Files.copy(images.get(i), target.resolve(i + ".png"));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aReferenceIsBuiltAndUsedAndReportsAreCompared() {
        Path reference = out.resolve("reference.npz");
        Object[] network = {"--encoder", root.resolve("encoder"), "--encoder-size", 28, "--cache", out.resolve("cache")
        };
        String text = succeed(with(
                network,
                "reference",
                "build",
                root.resolve("images"),
                "--image-size",
                28,
                "--images",
                "--out",
                reference));
        assertTrue(text.contains("8 images, center crop 28, statistics of [class_token]"), text);
        Path first = out.resolve("first.json");
        succeed(with(network, "evaluate", denoiser, "--num", 9, "--reference", reference, "--json", first));
        String again = succeed(with(
                network,
                "evaluate",
                denoiser,
                "--num",
                9,
                "--reference",
                reference,
                "--json",
                out.resolve("second.json"),
                "--compare",
                first));
        assertTrue(again.contains("fd_dinov2") && again.contains("(+0.0000)"), again);
        String refused = fail(with(
                network,
                "evaluate",
                denoiser,
                "--num",
                9,
                "--seed",
                1,
                "--labels",
                "random",
                "--reference",
                reference,
                "--json",
                out.resolve("third.json"),
                "--compare",
                first));
        assertTrue(refused.contains("of labels equal and random"), refused);
        assertTrue(Files.exists(out.resolve("third.json"))); // the figures are kept
    }

    private static Object[] with(Object[] last, Object... first) {
        List<Object> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(last));
        return all.toArray();
    }

    @Test
    void badRequestsAreNamed() throws IOException {
        Path images = root.resolve("images");
        failWith(
                "error: fid: expected the weights of Inception-V3, got none; give them with --inception",
                "evaluate",
                images,
                "--reference",
                images,
                "--metrics",
                "fid,psnr",
                "--image-size",
                28);
        failWith("metrics: expected some of fid", "evaluate", images, "--reference", images, "--metrics", "lpips");
        failWith("got no such thing", "evaluate", out.resolve("none"), "--reference", images, "--metrics", "psnr");
        failWith("--reference", "evaluate", images);
        Path broken = Files.write(out.resolve("broken.npz"), new byte[] {'P', 'K', 3, 4});
        failWith(
                "error: " + broken + ": expected a whole",
                "evaluate",
                broken,
                "--reference",
                images,
                "--metrics",
                "psnr");
        failWith("error: " + broken + ": expected a whole", "evaluate", images, "--reference", broken);
        failWith("--num and --npz: expected both or neither, got only --num", "sample", denoiser, "--num", 3);
        failWith(
                "--num: expected 1 or more images, got 0",
                "sample",
                denoiser,
                "--num",
                0,
                "--npz",
                out.resolve("a.npz"));
        failWith(
                "--workers: expected 1 or more, got 0",
                "sample",
                denoiser,
                "--num",
                3,
                "--npz",
                out.resolve("a.npz"),
                "--workers",
                0);
        failWith("ends in .npz", "reference", "build", images, "--out", out.resolve("a.zip"));
        failWith("expected a command: build", "reference");
        failWith("--count: expected 1 or more, got 0", "reconstruct", denoiser, "--count", 0);
    }

    @Test
    void aRunThatCannotBeEvaluatedDoesNotStart() {
        String run = "run.dir=" + out.resolve("run");
        Path dit = root.resolve("dit.yaml");
        failWith("inception", "train", dit, "--set", run, "--set", "eval={eval_interval: 2, metrics: [rfid]}");
        failWith(
                "metrics: expected some of",
                "train",
                dit,
                "--set",
                run,
                "--set",
                "eval={eval_interval: 2, metrics: [fld]}");
        failWith("did you mean eval_interval?", "train", dit, "--set", run, "--set", "eval={eval_intervall: 2}");
        failWith(
                "encoder: expected a folder with config.json and model.safetensors, got nowhere",
                "train",
                dit,
                "--set",
                run,
                "--set",
                "eval={eval_interval: 2, encoder: nowhere}");
        failWith(
                "nowhere.npz: expected an .npz file, got no such file",
                "train",
                dit,
                "--set",
                run,
                "--set",
                "eval={eval_interval: 2, encoder: encoder, encoder_size: 28, reference_npz_path: nowhere.npz}");
        assertFalse(Files.exists(out.resolve("run")));
    }

    @Test
    @Tag("slow") // starts three processes
    void aKilledBulkRunGoesOnWithoutGapOrDuplicate() throws Exception {
        Path whole = out.resolve("whole.npz");
        succeed("sample", denoiser, "--num", 4000, "--npz", whole, "--threads", 1);
        Path npz = out.resolve("killed.npz");
        Path parts = out.resolve("killed.npz.parts");
        for (int chunks : new int[] {5, 40}) {
            Process child = start("sample", denoiser, "--num", 4000, "--npz", npz, "--threads", 1, "--workers", 2);
            while (child.isAlive() && count(parts) < chunks) {
                Thread.sleep(20);
            }
            child.destroyForcibly(); // SIGKILL
            assertTrue(child.waitFor(60, TimeUnit.SECONDS));
            assertFalse(Files.exists(npz), "the run ended before it could be killed");
        }
        assertEquals(
                0,
                start("sample", denoiser, "--num", 4000, "--npz", npz, "--threads", 1)
                        .waitFor());
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(npz));
        assertFalse(Files.exists(parts));
    }

    private static long count(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    private static Process start(Object... args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "ai.dsr.train.cli.Dsr"));
        Stream.of(args).map(Object::toString).forEach(command::add);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
