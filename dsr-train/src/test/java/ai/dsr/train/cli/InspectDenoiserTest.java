// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.Json;
import ai.dsr.core.kernel.Torch;
import ai.dsr.train.bench.StepBench;
import ai.dsr.train.loop.MetricsLog;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outlier tokens of a denoiser: in the log while it trains, and by the command afterwards. */
class InspectDenoiserTest {
    @TempDir
    private static Path root;

    private static Path run;

    private static String dsr(int code, Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Stream.of(args).map(Object::toString).toArray(String[]::new);
        assertEquals(code, Dsr.execute(new PrintWriter(out, true), new PrintWriter(err, true), texts), err::toString);
        return code == 0 ? out.toString() : err.toString().strip();
    }

    @BeforeAll
    static void train() {
        TinyFiles.write(root);
        dsr(0, "train-decoder", root.resolve("decoder.yaml"));
        run = root.resolve("runs/dit");
        dsr(0, "train", root.resolve("dit.yaml"), "--set", "training.inspect_every=2");
    }

    @Test
    void theLogHasTheFiguresOfEveryBlockAtTheInterval() {
        List<JsonNode> lines = new MetricsLog(run)
                .read().stream().filter(line -> line.has("tokens")).toList();
        assertEquals(1, lines.size()); // of three steps
        JsonNode line = lines.get(0);
        assertEquals(2, line.path("step").asInt());
        assertEquals(3, line.path("tokens").size());
        assertTrue(line.path("token_max_ratio").asDouble() >= 1);
        assertTrue(line.path("register_attention").asDouble() > 0);
        assertEquals(0.5, line.at("/tokens/1/t").asDouble());
        for (String figure :
                List.of("median_norm", "max_ratio", "outlier_rate", "outlier_attention", "register_attention")) {
            assertEquals(2, line.at("/tokens/1/" + figure).size(), figure);
        }
        assertEquals(0, line.at("/tokens/0/register_attention/0").asDouble()); // registers join at block 1
        assertTrue(line.at("/tokens/0/register_attention/1").asDouble() > 0.1);
    }

    @Test
    void lookingChangesNothingAboutTheTraining() {
        Path other = root.resolve("runs/unseen");
        dsr(0, "train", root.resolve("dit.yaml"), "--set", "training.inspect_every=0", "--set", "run.dir=" + other);
        String file = "checkpoints/step-3/manifest.json";
        assertEquals(hash(run.resolve(file)), hash(other.resolve(file)));
        assertTrue(new MetricsLog(other).read().stream().noneMatch(line -> line.has("tokens")));
    }

    @Test
    void theCostOfALookIsMeasured() {
        try (NDManager manager = Torch.newManager()) {
            StepBench.Measurement look = StepBench.tiny(manager).inspection(2);
            assertEquals(2, look.count());
            assertTrue(look.median() > 0);
        }
        assertEquals(200, StepBench.usualInspectionInterval());
    }

    private static String hash(Path manifest) {
        return Json.read(manifest).toString();
    }

    @Test
    void aRunFolderIsInspectedAtItsDenoiser() throws Exception {
        Path out = root.resolve("inspected");
        String text = dsr(0, "inspect", run, "--images", root.resolve("images"), "--levels", "0.2,0.9", "--out", out);
        assertTrue(text.contains("t = 0.20, worst in block "), text);
        assertTrue(text.contains("4 registers: up to "), text);
        assertEquals(2, Json.read(out.resolve("inspection.json")).path("levels").size());
        assertEquals(
                "classes",
                Json.read(out.resolve("inspection.json")).path("condition").asText());
        assertTrue(Files.readString(out.resolve("report.html")).contains("./dsr inspect " + run));
    }

    @Test
    void theEncoderBehindItIsInspectedOnRequest() {
        Path out = root.resolve("encoder-inspected");
        dsr(0, "inspect", run, "--part", "encoder", "--images", root.resolve("images"), "--out", out);
        assertEquals(
                "dsr-inspection-1",
                Json.read(out.resolve("inspection.json")).path("format").asText());
    }

    @Test
    void optionsOfTheOtherPartAreRefused() {
        assertEquals(
                "error: --plan: expected an encoder to apply it to, got --part denoiser",
                dsr(2, "inspect", run, "--part", "denoiser", "--plan", root.resolve("plan.json")));
        assertEquals(
                "error: --levels: expected a denoiser, got an encoder, which sees no noise",
                dsr(2, "inspect", root.resolve("encoder"), "--levels", "0.5"));
        assertEquals(
                "error: --size: expected that of the denoiser's images (28), got 56",
                dsr(2, "inspect", run, "--images", root.resolve("images"), "--size", 56));
    }
}
