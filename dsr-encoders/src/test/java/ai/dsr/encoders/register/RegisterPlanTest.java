// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.Json;
import ai.dsr.core.kernel.RegisterKernels.Fill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RegisterPlanTest {
    private static final RegisterNeurons NEURONS = RegisterNeurons.of(Map.of(3, List.of(7, 2), 0, List.of(5)));

    @TempDir
    private Path folder;

    private static String message(Runnable action) {
        return assertThrows(IllegalArgumentException.class, action::run).getMessage();
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void neuronsMergeAsPublishedFilesDoAndLoseRepetitionsInPlans() {
        RegisterNeurons second = RegisterNeurons.of(Map.of(3, List.of(2, 9), 5, List.of(1)));
        RegisterNeurons merged = NEURONS.merge(second);
        assertEquals(Map.of(0, List.of(5), 3, List.of(7, 2, 2, 9), 5, List.of(1)), merged.byLayer());
        assertEquals(6, merged.count());
        assertEquals(
                List.of(7, 2, 9), RegisterPlan.of(merged).neurons().byLayer().get(3));
        assertEquals("{\"0\":[5],\"3\":[7,2]}", Json.canonical(NEURONS.toJson()));
    }

    @Test
    void ourFileKeepsEverything() {
        PlanEvidence.NormSummary norms = new PlanEvidence.NormSummary(100, 1.5, 2.5, 9, 0.01);
        NeuronSearchConfig search = new NeuronSearchConfig(
                -1, OutlierRule.timesMedian(3), 4, 1, 8, new NeuronSearchConfig.Sparsity(0.5, 0.25), true);
        PlanEvidence evidence = new PlanEvidence(
                "SigLIP2wNorm",
                "ab12",
                "photos",
                7,
                224,
                List.of(new PlanEvidence.Round(search, norms, 3, List.of(new RankedNeuron(3, 7, 2.25)))),
                norms);
        RegisterPlan plan = new RegisterPlan(
                NEURONS, 2, List.of(1.5, -1.0), Fill.ONLY_OUTLIERS, RegisterPlan.Variant.TTR, false, evidence);
        Path file = folder.resolve("plan.json");
        RegisterPlanFile.write(file, plan);
        assertEquals(plan, RegisterPlanFile.read(file));
        assertTrue(Json.read(file).path("fill").asText().equals("only_outliers"));
        assertEquals(0.01, Json.read(file).at("/evidence/after/outlier_rate").asDouble());
    }

    @Test
    void filesOfThePythonCodeAreRead() throws IOException {
        Path json = write("neurons_to_ablate.json", "{\"3\": [7, 2, 7], \"0\": [5]}");
        RegisterPlan plan = RegisterPlanFile.read(json);
        assertEquals(RegisterPlan.of(NEURONS), plan);
        assertNull(plan.evidence());
        Path yaml = write(
                "with_max.yaml", "model_name: a/b\nneurons_to_ablate: neurons_to_ablate.json\nnum_registers: 3\n");
        assertEquals(RegisterPlan.of(NEURONS).withRegisters(3), RegisterPlanFile.read(yaml));
        Path elsewhere = write("moved.yaml", "{model_name: a/b, neurons_to_ablate: src/x/neurons.json}");
        assertEquals(RegisterPlan.of(NEURONS), RegisterPlanFile.read(elsewhere, path -> json));
    }

    @Test
    void filesForThePythonCodeAreWritten() {
        RegisterPlan plan = RegisterPlan.of(NEURONS).withRegisters(2);
        RegisterPlanFile.writeForPython(folder.resolve("python"), "mine", "google/siglip2-base-patch16-256", plan);
        assertEquals(NEURONS, RegisterNeurons.read(folder.resolve("python/neurons_to_ablate.json")));
        assertEquals(plan, RegisterPlanFile.read(folder.resolve("python/mine.yaml")));
        RegisterPlan other =
                new RegisterPlan(NEURONS, 1, List.of(1.0), Fill.MEAN, RegisterPlan.Variant.DSR, true, null);
        assertEquals(
                "register plan: expected fill zero, scale 1 and keeps_first_patch, as the Python code always has it, got"
                        + " MEAN, [1.0] and true",
                message(() -> RegisterPlanFile.writeForPython(folder, "x", "y", other)));
    }

    @Test
    void theDigestFollowsWhatChangesANumberAndNothingElse() {
        RegisterPlan plan = RegisterPlan.of(NEURONS);
        PlanEvidence evidence = new PlanEvidence("e", "f", "g", 1, 2, List.of(), null);
        assertEquals(plan.digest(), plan.withEvidence(evidence).digest());
        assertEquals(plan.digest(), RegisterPlan.of(NEURONS.merge(NEURONS)).digest());
        RegisterPlan ttr = new RegisterPlan(NEURONS, 1, List.of(1.0), Fill.ZERO, RegisterPlan.Variant.TTR, true, null);
        assertEquals(plan.digest(), ttr.digest()); // one factor: the same computation
        assertNotEquals(plan.digest(), plan.withRegisters(2).digest());
        assertNotEquals(plan.digest(), plan.withNeurons(RegisterNeurons.none()).digest());
        RegisterPlan all = new RegisterPlan(NEURONS, 1, List.of(1.0), Fill.ZERO, RegisterPlan.Variant.DSR, false, null);
        assertNotEquals(plan.digest(), all.digest());
    }

    @Test
    void badPlansAreRefused() {
        assertEquals("num_registers: expected 1 or more, got 0", message(() -> RegisterPlan.of(NEURONS)
                .withRegisters(0)));
        assertEquals(
                "scale: expected one number or num_registers (3) of them, got [1.0, 2.0]",
                message(() -> new RegisterPlan(
                        NEURONS, 3, List.of(1.0, 2.0), Fill.ZERO, RegisterPlan.Variant.DSR, true, null)));
        assertEquals(
                "layer 3: expected a number from 0, got -1", message(() -> RegisterNeurons.of(Map.of(3, List.of(-1)))));
        PlanEvidence evidence = new PlanEvidence("e", "aa", "g", 1, 2, List.of(), null);
        assertEquals(
                "register plan: expected one for the encoder of SHA-256 bb, got one that was found on aa; search anew with"
                        + " ./dsr discover",
                message(() -> RegisterPlan.of(NEURONS).withEvidence(evidence).requireFoundOn("bb")));
    }

    @Test
    void badFilesAreRefused() throws IOException {
        Path json = write("a.json", "{\"x\": [1]}");
        assertEquals(json + ": expected layer numbers as keys, got \"x\"", message(() -> RegisterPlanFile.read(json)));
        Path list = write("b.json", "{\"1\": [1.5]}");
        assertEquals(
                list + ": 1: expected a list of neurons from 0, got [1.5]", message(() -> RegisterPlanFile.read(list)));
        Path old = write("c.json", "{\"format\": \"other\"}");
        assertEquals(
                old + ": format: expected dsr-register-plan-1, got other", message(() -> RegisterPlanFile.read(old)));
        Path zero = write(
                "d.json", "{\"format\": \"dsr-register-plan-1\", \"neurons\": {\"0\": [1]}, \"num_registers\": 0}");
        assertEquals(zero + ": num_registers: expected 1 or more, got 0", message(() -> RegisterPlanFile.read(zero)));
        Path none = folder.resolve("none.json");
        assertEquals(
                "register plan: expected a file, got " + none + ", which is not there; ./dsr discover writes one",
                message(() -> RegisterPlanFile.read(none)));
        Path yaml = write("e.yaml", "{neurons_to_ablate: gone.json}");
        assertEquals(
                yaml + ": neurons_to_ablate: expected a file, got gone.json, which is neither beside it nor at nowhere",
                message(() -> RegisterPlanFile.read(yaml, path -> Path.of("nowhere"))));
    }

    @Test
    void configurationsNameAPlanInTwoWays() {
        RegisterParams ours = RegisterParams.of("MAEwNorm", Map.of("register_plan", "p.json"));
        assertEquals(new RegisterParams("MAEwNorm", Map.of(), "p.json"), ours);
        RegisterParams theirs =
                RegisterParams.of("SigLIP2wNormTTREG", Map.of("model_name", "a/b", "config_path", "x.yaml"));
        assertEquals(new RegisterParams("SigLIP2wNorm", Map.of("model_name", "a/b"), "x.yaml"), theirs);
        assertEquals(
                new RegisterParams("Dinov2withNorm", Map.of("normalize", true), null),
                RegisterParams.of("Dinov2withNorm", Map.of("normalize", true)));
        assertEquals(
                "encoder_params: expected config_path or register_plan for SigLIP2wNormTTREG, got neither; use SigLIP2wNorm"
                        + " for an encoder without registers",
                message(() -> RegisterParams.of("SigLIP2wNormTTREG", Map.of())));
        assertEquals(
                "encoder_params.register_plan: expected a path, got 3",
                message(() -> RegisterParams.of("MAEwNorm", Map.of("register_plan", 3))));
    }
}
