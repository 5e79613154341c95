// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.Json;
import ai.dsr.encoders.register.RegisterNeurons;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.RegisterPlanFile;
import ai.dsr.sample.bundle.Bundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From an encoder to a plan, and from a plan to a model that was trained with it. */
class RegisterCommandsTest {
    @TempDir
    private Path root;

    private Path plan;

    @BeforeEach
    void writeTheProject() {
        TinyFiles.write(root);
        plan = root.resolve("plan.json");
    }

    private static String dsr(int code, Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Stream.of(args).map(Object::toString).toArray(String[]::new);
        assertEquals(code, Dsr.execute(new PrintWriter(out, true), new PrintWriter(err, true), texts), err::toString);
        return code == 0 ? out.toString() : err.toString().strip();
    }

    private String discover(Object... more) {
        Object[] start = {"discover", root.resolve("encoder"), "--images", root.resolve("images"), "--size", 56};
        return dsr(0, Stream.concat(Stream.of(start), Stream.of(more)).toArray());
    }

    @Test
    void discoverWritesAPlanWithItsEvidence() {
        String text = discover("--ratio", 1.02, "--rounds", 2, "--top-k", 3, "--fill", "mean", "--out", plan);
        assertTrue(text.contains("before round 1: "), text);
        assertTrue(text.contains("before round 2: "), text);
        assertTrue(text.contains("plan: " + plan), text);
        RegisterPlan found = RegisterPlanFile.read(plan);
        assertTrue(found.neurons().count() >= 3 && found.neurons().count() <= 6);
        assertEquals(2, found.evidence().rounds().size());
        assertEquals(8, found.evidence().imageCount());
        assertEquals(56, found.evidence().imageSize());
        assertEquals("Dinov2withNormNoReg", found.evidence().encoder());
        assertEquals("mean", Json.read(plan).path("fill").asText());
    }

    @Test
    void inspectWritesNumbersAndAPage() throws IOException {
        discover("--ratio", 1.02, "--top-k", 3, "--out", plan, "--python", root.resolve("python"));
        RegisterPlan written = RegisterPlanFile.read(root.resolve("python/encoder.yaml"));
        assertEquals(RegisterPlanFile.read(plan).digest(), written.digest());
        Path out = root.resolve("inspected");
        String text = dsr(
                0,
                "inspect",
                root.resolve("encoder"),
                "--images",
                root.resolve("images"),
                "--size",
                56,
                "--ratio",
                1.02,
                "--plan",
                plan,
                "--out",
                out);
        assertTrue(text.contains("with the plan: "), text);
        assertEquals(
                8, Json.read(out.resolve("inspection.json")).path("image_count").asInt());
        assertTrue(Files.readString(out.resolve("report.html")).contains("./dsr inspect " + root.resolve("encoder")));
    }

    @Test
    void mistakesAreOneLineThatSaysWhatToDo() {
        Path encoder = root.resolve("encoder");
        Path images = root.resolve("images");
        assertEquals(
                "error: search: expected an image with outliers (norm > 90.0 x median in layer 1), got none among 8; lower"
                        + " the threshold",
                dsr(1, "discover", encoder, "--images", images, "--size", 28, "--ratio", 90));
        assertEquals(
                "error: --threshold: expected either it or --ratio, got both",
                dsr(2, "inspect", encoder, "--ratio", 2, "--threshold", 3));
        assertEquals(
                "error: --layer: expected -2 to 1, got 9",
                dsr(2, "inspect", encoder, "--images", images, "--layer", 9));
        assertEquals("error: num_registers: expected 1 or more, got 0", dsr(2, "discover", encoder, "--registers", 0));
        assertEquals(
                "error: --count: expected 1 or more, got 0",
                dsr(2, "discover", encoder, "--images", images, "--count", 0));
    }

    @Test
    void aPlanGoesFromTrainingToTheBundle() throws IOException {
        RegisterPlanFile.write(plan, RegisterPlan.of(RegisterNeurons.of(Map.of(0, List.of(1, 2)))));
        String option = "stage_1.params.encoder_params={register_plan: plan.json}";
        dsr(0, "train-decoder", root.resolve("decoder.yaml"));
        Path latents = root.resolve("cache/latents");
        List<String> plain = files(latents);
        dsr(0, "train", root.resolve("dit.yaml"), "--set", option);
        assertEquals(plain.size() + 1, files(latents).size()); // other latents, so another cache entry
        Path run = root.resolve("runs/dit");
        Bundle.open(run);
        Path bundle = root.resolve("bundle");
        dsr(0, "bundle", run, "--out", bundle);
        RegisterPlan carried = RegisterPlanFile.read(bundle.resolve("register_plan.json"));
        assertEquals(RegisterPlanFile.read(plan), carried);
        assertEquals(
                "register_plan.json",
                Bundle.open(bundle).experiment().rae().encoderParams().get("register_plan"));
        assertTrue(Bundle.open(bundle).manifest().sha256().containsKey("register_plan.json"));
        dsr(0, "sample", bundle, "--count", 1, "--out", root.resolve("samples"));

        RegisterPlan other = carried.withRegisters(2);
        RegisterPlanFile.write(plan, other);
        String message = dsr(2, "sample", run, "--count", 1, "--out", root.resolve("samples"));
        assertEquals(
                "error: " + run + ": register plan: expected the one that the model was trained with ("
                        + carried.digest() + "), got " + other.digest(),
                message);
        assertNotEquals(carried.digest(), other.digest());
        dsr(2, "train", root.resolve("dit.yaml"), "--set", option, "--resume");
        dsr(0, "sample", bundle, "--count", 1, "--out", root.resolve("samples")); // the bundle has its own
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aTextModelTrainsOnTheLatentsOfAPlan() throws IOException {
        RegisterPlanFile.write(plan, RegisterPlan.of(RegisterNeurons.of(Map.of(0, List.of(1, 2)))));
        dsr(0, "train-decoder", root.resolve("decoder.yaml"));
        Path config = TinyFiles.writeText(root, "t2i");
        Path latents = root.resolve("cache/latents");
        dsr(0, "train", config, "--set", "run.dir=\"" + root + "/runs/plain\"");
        List<String> plain = files(latents);
        dsr(0, "train", config, "--set", "stage_1.params.encoder_params={register_plan: plan.json}");
        assertEquals(plain.size() + 1, files(latents).size()); // other latents, so another cache entry
        Path run = root.resolve("runs/t2i");
        assertEquals(
                RegisterPlanFile.read(plan).digest(),
                Bundle.open(run).manifest().inputs().get(Bundle.PLAN_INPUT));
        dsr(0, "sample", run, "--prompt", "apples", "--count", 1, "--out", root.resolve("samples"));
    }
}
