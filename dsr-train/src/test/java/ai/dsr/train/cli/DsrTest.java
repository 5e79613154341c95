// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.kernel.Torch;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.train.events.EventReader;
import ai.dsr.train.loop.MetricsLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.Event;

/** The commands as a user runs them, on a project of width 16 that is trained once. */
class DsrTest {
    @TempDir
    private static Path root;

    @TempDir
    private Path out;

    /** What a command line did. */
    private record Outcome(int code, String out, String err) {}

    private static Outcome dsr(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Stream.of(args).map(Object::toString).toArray(String[]::new);
        int code = Dsr.execute(new PrintWriter(out, true), new PrintWriter(err, true), texts);
        return new Outcome(code, out.toString(), err.toString());
    }

    private static String succeed(Object... args) {
        Outcome outcome = dsr(args);
        assertEquals("", outcome.err());
        assertEquals(0, outcome.code(), outcome.err());
        return outcome.out();
    }

    /** The command must fail with this code and one line, which is returned. */
    private static String fail(int code, Object... args) {
        Outcome outcome = dsr(args);
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("error: "), outcome.err());
        assertEquals(code, outcome.code(), outcome.err());
        assertEquals("", outcome.out());
        return outcome.err().strip();
    }

    @BeforeAll
    static void trainDecoderAndDenoiser() {
        TinyFiles.write(root);
        succeed("train-decoder", root.resolve("decoder.yaml"));
        succeed("train", root.resolve("dit.yaml"));
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DSR_stage2_training_IN256_DiT-XL_SigLIP2-B_tt_reg_data_lognormal-in_context_36",
                "RAE_stage2_training_IN256_DiTDH-XL_DINOv2-B"
            })
    void aPublishedConfigurationIsUnderstoodUpToItsImages(String name) {
        Path file = Path.of(System.getProperty("dsr.root"), "fixtures", "config.yaml", name, "config.yaml");
        assertTrue(fail(2, "train", file).startsWith("error: " + file + ": data: expected a section that says where"));
    }

    @Test
    void trainingLeavesADecoderAndADenoiserWithPreviews() throws IOException {
        Path decoder = root.resolve("runs/decoder");
        assertEquals(
                List.of(
                        ".lock",
                        "checkpoints",
                        "config.yaml",
                        "decoder.safetensors",
                        "events",
                        "manifest.json",
                        "metrics.jsonl",
                        "reconstructions.png",
                        "report.html",
                        "samples",
                        "statistics.safetensors"),
                files(decoder));
        assertEquals(3, new MetricsLog(decoder).read().size());
        assertEquals(List.of("step-0000002.png"), files(root.resolve("runs/dit/samples")));
    }

    @Test
    void aRunGoesOnWhereItStopped() throws IOException {
        Path run = copy(root.resolve("runs/dit"), out.resolve("dit"));
        String text = succeed(
                "train", root.resolve("dit.yaml"), "--resume", "--set", "training.steps=5", "--set", "run.dir=" + run);
        assertTrue(text.contains("checkpoint: " + run.resolve("checkpoints/step-5")), text);
        assertEquals(
                List.of(1, 2, 3, 4, 5),
                new MetricsLog(run)
                        .read().stream().map(line -> line.get("step").asInt()).toList());
    }

    @Test
    void imagesAreDrawnFromARunAndFromItsBundle() throws IOException {
        succeed("sample", root.resolve("runs/dit"), "--count", 3, "--seed", 1, "--out", out.resolve("a"));
        assertEquals(
                List.of("000000-apples.png", "000001-apples.png", "000002-berries.png", "grid.png"),
                files(out.resolve("a")));
        Path bundle = out.resolve("bundle");
        assertEquals(
                "bundle: " + bundle,
                succeed("bundle", root.resolve("runs/dit"), "--out", bundle).strip());
        assertEquals(
                List.of(
                        "config.yaml",
                        "decoder.safetensors",
                        "denoiser.safetensors",
                        "manifest.json",
                        "statistics.safetensors"),
                files(bundle));
        succeed(
                "sample",
                bundle,
                "--class",
                "ber",
                "--count",
                2,
                "--steps",
                2,
                "--guidance",
                1,
                "--out",
                out.resolve("b"));
        assertEquals(List.of("000000-berries.png", "000001-berries.png", "grid.png"), files(out.resolve("b")));
        assertEquals(28, ImageCodec.read(out.resolve("b/000001-berries.png")).width());
    }

    @Test
    void aRunLeavesEventsForTensorBoard() throws IOException {
        Path folder = root.resolve("runs/dit/events");
        List<Event> events = EventReader.read(folder.resolve(files(folder).get(0)));
        List<String> tags = events.stream()
                .flatMap(event -> event.getSummary().getValueList().stream())
                .map(value -> value.hasImage() ? "picture " + value.getTag() : value.getTag())
                .distinct()
                .toList();
        assertTrue(
                tags.containsAll(List.of("loss", "grad_norm", "lr", "images_per_second", "picture samples")),
                tags.toString());
        double logged = new MetricsLog(root.resolve("runs/dit"))
                .read()
                .get(1)
                .get("loss")
                .asDouble();
        double shown = events.stream()
                .filter(event -> event.getStep() == 2)
                .flatMap(event -> event.getSummary().getValueList().stream())
                .filter(value -> value.getTag().equals("loss"))
                .mapToDouble(value -> value.getSimpleValue())
                .findFirst()
                .orElseThrow();
        assertEquals(logged, shown, 1e-6 * logged);
    }

    @Test
    void theManifestNamesWhatWentIn() {
        BundleManifest manifest = Json.read(root.resolve("runs/dit/manifest.json"), BundleManifest.class);
        assertEquals(
                List.of(
                        "data",
                        "stage_1.params.encoder_config_path/config.json",
                        "stage_1.params.encoder_config_path/model.safetensors",
                        "stage_1.params.pretrained_decoder_path",
                        "statistics"),
                List.copyOf(manifest.inputs().keySet()));
        assertEquals(
                Sha256.ofFile(root.resolve("runs/decoder/decoder.safetensors")),
                manifest.inputs().get("stage_1.params.pretrained_decoder_path"));
        assertEquals("cpu()", manifest.environment().get("devices"));
    }

    @Test
    void aRunIsNotContinuedWithAnotherDecoder() throws IOException {
        Path run = copy(root.resolve("runs/dit"), out.resolve("dit"));
        Path other = out.resolve("other.safetensors");
        SafeTensors.write(
                other,
                SafeTensors.read(root.resolve("runs/decoder/checkpoints/step-3/model.safetensors"))
                        .toMap(),
                Map.of());
        String message = fail(
                2,
                "train",
                root.resolve("dit.yaml"),
                "--resume",
                "--set",
                "run.dir=" + run,
                "--set",
                "stage_1.params.pretrained_decoder_path=" + other);
        assertTrue(
                message.startsWith("error: " + run.resolve("manifest.json")
                        + ": stage_1.params.pretrained_decoder_path: expected what the run started with ("),
                message);
    }

    @Test
    void anAverageIsChosenAfterTraining() throws IOException {
        Path run = out.resolve("run");
        succeed(
                "train",
                root.resolve("dit.yaml"),
                "--set",
                "run.dir=" + run,
                "--set",
                "training.steps=6",
                "--set",
                "training.power_ema={snapshot_steps: 2}");
        Path file = out.resolve("ema.safetensors");
        String text = succeed("ema", run, "--length", 0.07, "--out", file, "--bundle", out.resolve("bundle"));
        assertTrue(text.contains("an average of length 0.07 until step 6, of 6 snapshots"), text);
        assertEquals(
                SafeTensors.read(run.resolve("checkpoints/step-6/ema.safetensors"))
                        .toMap()
                        .keySet(),
                SafeTensors.read(file).toMap().keySet());
        succeed("sample", out.resolve("bundle"), "--count", 1, "--out", out.resolve("images"));
        assertEquals(
                "error: lengths: expected widths of 0.001 to 0.288, got 0.5",
                fail(2, "ema", run, "--length", 0.5, "--out", file));
        assertTrue(fail(2, "ema", root.resolve("runs/dit"), "--length", 0.1, "--out", file)
                .contains("expected snapshots"));
    }

    @Test
    void aBudgetThatIsTooSmallStopsBeforeAnythingIsWritten() throws IOException {
        String message = fail(
                2,
                "train",
                root.resolve("dit.yaml"),
                "--set",
                "run.dir=" + out.resolve("run"),
                "--set",
                "run.memory_budget=20M");
        assertTrue(message.startsWith("error: run.memory_budget: expected room for "), message);
        assertTrue(message.endsWith("got 20 MiB; the largest is optimizer"), message);
        assertEquals(List.of(), files(out));
        assertTrue(fail(2, "train", root.resolve("dit.yaml"), "--set", "run.memory_budget=lots")
                .endsWith("memory_budget: expected a size such as 12G or 800M, got lots"));
    }

    @Test
    void theDoctorFindsAHealthyConfigurationReady() throws IOException {
        String text = succeed(
                "doctor",
                root.resolve("dit.yaml"),
                "--seconds",
                0,
                "--price-per-hour",
                2,
                "--set",
                "run.dir=" + out.resolve("run"));
        for (String line : List.of(
                "environment    PyTorch 2.7.1",
                "images         8 samples in 2 classes, 28 px; 8 read",
                "schedule       3 steps, about 2 an epoch",
                "latents        (16, 2, 2) each; 8 of them have mean",
                "disk           a checkpoint takes 0.00 GiB",
                "memory         ",
                "; costs ")) {
            assertTrue(text.contains(line), line + " in " + text);
        }
        assertTrue(text.endsWith("ready to train" + System.lineSeparator()), text);
        assertEquals(List.of(), files(out));
    }

    @Test
    void theDoctorNamesWhatIsWrong() {
        Path dit = root.resolve("dit.yaml");
        Path statistics = out.resolve("statistics.safetensors");
        float[] mean = new float[16 * 2 * 2];
        Arrays.fill(mean, 5);
        try (NDManager manager = Torch.newManager()) {
            SafeTensors.writeArrays(
                    statistics,
                    Map.of("mean", manager.create(mean, new Shape(16, 2, 2)), "var", manager.ones(new Shape(16, 2, 2))),
                    Map.of());
        }
        String shifted =
                succeed("doctor", dit, "--seconds", 0, "--set", "stage_1.params.normalization_stat_path=" + statistics);
        assertTrue(
                shifted.contains("warning  latents") && shifted.contains("are the statistics those of this encoder"),
                shifted);
        Outcome batch = dsr("doctor", dit, "--seconds", 0, "--set", "training.global_batch_size=10");
        assertEquals(1, batch.code());
        assertTrue(
                batch.out()
                        .contains(
                                "failed   schedule       global_batch_size: expected at most the number of images (8), got 10"),
                batch.out());
        assertTrue(batch.out().endsWith("not ready: see what failed above" + System.lineSeparator()), batch.out());
        Outcome decoder = dsr("doctor", dit, "--seconds", 0, "--set", "stage_1.params.pretrained_decoder_path=nowhere");
        assertTrue(decoder.out().contains("failed   decoder") && decoder.out().contains("nowhere"), decoder.out());
        assertEquals("error: --seconds: expected 0 or more, got -1.0", fail(2, "doctor", dit, "--seconds", -1));
    }

    @Test
    void aReportIsOnePageWithEverything() throws IOException {
        Path run = copy(root.resolve("runs/dit"), out.resolve("dit"));
        assertEquals(
                "report: " + run.resolve("report.html"), succeed("report", run).strip());
        String html = Files.readString(run.resolve("report.html"));
        for (String part : List.of("Training loss", "Learning rate")) {
            assertFalse(html.contains(part), "curves are pictures");
        }
        assertTrue(html.split("data:image/png;base64,").length > 6, "curves and a preview");
        assertTrue(html.contains("step-0000002") && html.contains("register_len: 4"), "preview and configuration");
        assertTrue(html.contains(Sha256.ofFile(root.resolve("encoder/model.safetensors"))), "hashes");
        assertFalse(html.contains("<script") || html.contains("http"), "nothing from elsewhere");
        String message = fail(2, "report", root);
        assertTrue(
                message.endsWith("expected a run folder with config.yaml and manifest.json, got something else"),
                message);
    }

    @Test
    void bothKindsOfRunsResumeExactly() {
        String text = succeed("verify-resume", root.resolve("dit.yaml"), "--steps", 2, "--more", 1);
        List<String> compared = text.lines()
                .filter(line -> line.endsWith("equal"))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
        assertEquals(List.of("ema", "model", "optimizer", "counters", "metrics"), compared, text);
        assertTrue(text.endsWith("2 + 1 steps with a resume equal 3 straight ones" + System.lineSeparator()), text);
        String decoder = succeed(
                "verify-resume",
                root.resolve("decoder.yaml"),
                "--steps",
                1,
                "--more",
                1,
                "--device",
                "cpu,cpu",
                "--set",
                "training.grad_accum_steps=1");
        assertTrue(decoder.contains("1 + 1 steps with a resume equal 2 straight ones"), decoder);
        assertEquals(
                "error: --more: expected 1 or more, got 0",
                fail(2, "verify-resume", root.resolve("dit.yaml"), "--more", 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"runs/decoder", "runs/dit"})
    void bothKindsOfRunsReconstruct(String run) throws IOException {
        String text = succeed(
                "reconstruct", root.resolve(run), "--images", root.resolve("images"), "--count", 2, "--out", out);
        assertTrue(text.contains("PSNR "), text);
        assertEquals(List.of("reconstructions.png"), files(out));
    }

    @Test
    void encodingReportsWhatTheCacheHolds() {
        String text = succeed("encode", root.resolve("dit.yaml"), "--threads", 1);
        assertTrue(text.contains("latents:    8 of (16, 2, 2)"), text);
        assertTrue(text.contains("training:   8, held out: 0"), text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "quickstart",
                "train-decoder",
                "train",
                "bundle",
                "sample",
                "reconstruct",
                "encode",
                "verify-resume",
                "bench"
            })
    void everyCommandHasHelp(String command) {
        String text = succeed(command, "--help");
        assertTrue(text.startsWith("Usage: dsr " + command), text);
        assertTrue(text.contains("--debug"), text);
    }

    @Test
    void theHelpListsAllCommands() {
        String text = succeed("--help");
        assertTrue(text.contains("train-decoder") && text.contains("reconstruct"), text);
        assertTrue(succeed("--version").startsWith("dsr "));
    }

    @Test
    void wrongUsageIsOneLine() {
        assertTrue(fail(2).contains("expected a command, one of quickstart, train-decoder"));
        assertTrue(fail(2, "trian").contains("'trian'"));
        assertTrue(fail(2, "train").contains("CONFIG"));
        assertTrue(fail(2, "bundle", "x").contains("--out"));
        assertTrue(fail(2, "sample", "x", "--cuont", 3).contains("--cuont"));
        assertTrue(fail(2, "sample", "x", "--count", "many").contains("many"));
        assertEquals("error: --count: expected 1 or more, got 0", fail(2, "sample", "x", "--count", 0));
        assertEquals("error: --count: expected 1 or more, got -1", fail(2, "reconstruct", "x", "--count", -1));
        assertEquals("error: --steps: expected 1 or more, got 0", fail(2, "bench", "--steps", 0));
        assertEquals(
                "error: --device: expected cpu, cuda:N or cuda:N-M, got tpu",
                fail(2, "encode", root.resolve("dit.yaml"), "--device", "tpu"));
    }

    @Test
    void wrongConfigurationsAreNamed() {
        Path none = out.resolve("none.yaml");
        assertEquals("error: " + none + ": expected a configuration file, got no such file", fail(2, "train", none));
        Path dit = root.resolve("dit.yaml");
        assertTrue(fail(2, "train", dit, "--set", "training.log_intervall=3").contains("did you mean log_interval?"));
        assertTrue(fail(2, "train", dit, "--set", "trainig.steps=3").contains("did you mean training?"));
        assertTrue(fail(2, "train", dit, "--set", "training.steps=0").contains("steps: expected 1 or more, got 0"));
    }

    @Test
    void aRunThatCannotStartLeavesNothingBehind() throws IOException {
        Path dit = root.resolve("dit.yaml");
        Path run = out.resolve("deep/run");
        String there = "run.dir=" + run;
        Path images = out.resolve("images");
        assertEquals(
                "error: " + images + ": expected a folder of images, got no such folder",
                fail(2, "train", dit, "--set", there, "--set", "data.path=" + images));
        assertTrue(fail(2, "train", dit, "--set", there, "--set", "training.global_batch_size=10")
                .contains("global_batch_size: expected at most the number of training images (8), got 10"));
        assertTrue(fail(
                        2,
                        "train",
                        dit,
                        "--set",
                        there,
                        "--set",
                        "misc.num_classes=3",
                        "--set",
                        "stage_2.params.num_classes=3")
                .contains("misc.num_classes: expected the number of classes of the data (2), got 3"));
        assertEquals(
                "error: " + run + ": expected a run to resume, got none; leave --resume out",
                fail(2, "train", dit, "--resume", "--set", there));
        assertEquals(List.of(), files(out));
    }

    @Test
    void anOldRunAndAFileInThePlaceOfARunStay() throws IOException {
        Path run = root.resolve("runs/dit");
        assertEquals(
                "error: " + run
                        + ": expected a new folder, got one with content; add --resume or set run.dir to another",
                fail(2, "train", root.resolve("dit.yaml")));
        Path file = Files.writeString(out.resolve("file"), "x");
        String message = fail(2, "train-decoder", root.resolve("decoder.yaml"), "--set", "run.dir=" + file + "/run");
        assertEquals(
                "error: " + file + "/run: expected a folder that can be written to, but " + file
                        + " is a file; set run.dir to another",
                message);
        assertTrue(fail(2, "sample", run, "--out", file).contains("expected a folder that can be written to"));
        assertTrue(fail(2, "reconstruct", run, "--images", root.resolve("images"), "--out", file)
                .contains("expected a folder that can be written to"));
        assertTrue(fail(1, "bundle", run, "--out", file + "/bundle").contains("cannot be written"));
        assertEquals("x", Files.readString(file));
    }

    @Test
    void wrongRequestsLeaveNoOutputFolder() {
        Path images = out.resolve("images");
        assertEquals(
                "error: --class: expected one of [apples, berries] or 0 to 1, got pears",
                fail(2, "sample", root.resolve("runs/dit"), "--class", "pears", "--out", images));
        assertTrue(fail(2, "sample", root.resolve("runs/dit"), "--steps", 1, "--out", images)
                .contains("num_steps: expected 2 or more, got 1"));
        assertTrue(
                fail(2, "sample", root.resolve("runs/decoder"), "--out", images).contains("stage_2"));
        assertTrue(
                fail(2, "bundle", root.resolve("runs/decoder"), "--out", images).contains("stage_2"));
        assertTrue(fail(2, "bundle", root.resolve("runs/dit"), "--out", images, "--encoder", "../nowhere")
                .contains("nowhere"));
        assertFalse(Files.exists(images));
    }

    @Test
    void aTruncatedFileIsNamed() throws IOException {
        Path run = copy(root.resolve("runs/dit"), out.resolve("dit"));
        Path weights = run.resolve("checkpoints/step-3/ema.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertTrue(fail(2, "sample", run, "--out", out.resolve("images")).contains("ema.safetensors"));
        Outcome traced = dsr("sample", run, "--debug");
        assertEquals(2, traced.code());
        assertTrue(traced.err().contains("\tat ai.dsr."), traced.err());
        assertFalse(Files.exists(out.resolve("images")));
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
        return to;
    }
}
