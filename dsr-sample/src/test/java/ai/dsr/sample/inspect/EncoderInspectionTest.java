// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.encoders.register.PlanEvidence;
import ai.dsr.encoders.register.RegisterNeurons;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.RegisterPlanFile;
import ai.dsr.sample.TinyProject;
import ai.dsr.testkit.LeakCheck;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
final class EncoderInspectionTest {
    private static final int SIZE = 56;
    private static final OutlierRule RULE = OutlierRule.timesMedian(1.1);
    private static final RegisterPlan PLAN = RegisterPlan.of(RegisterNeurons.of(Map.of(0, List.of(1, 2))));

    @TempDir
    private Path root;

    private Path encoder() {
        return TinyProject.writeEncoder(root.resolve("encoder"), 1);
    }

    private String images() {
        for (int i = 0; i < 5; i++) {
            ImageCodec.writePng(root.resolve("images/<" + i + ">.png"), TinyProject.image(i));
        }
        return root.resolve("images").toString();
    }

    private Inspection inspect(NDManager manager, RegisterPlan plan) {
        InspectedEncoder subject = InspectedEncoder.open(encoder(), manager);
        InspectedImages images =
                InspectedImages.open(images(), SIZE, 4, subject.encoder().pixelNorm());
        EncoderInspection inspection = new EncoderInspection(subject, images, SIZE, RULE, -1);
        Inspection found = inspection.run(plan, manager, (task, total) -> Progress.silent());
        inspection.write(root.resolve("out"), found, "./dsr inspect x");
        return found;
    }

    @Test
    void layersAreMeasuredAndWritten(NDManager manager) throws IOException {
        Inspection found = inspect(manager, null);
        assertEquals(2, found.before().size());
        assertEquals(1, found.detectLayer());
        assertEquals(4L * 16, found.detected().tokens()); // images times patches of a 4 x 4 grid
        AttentionMass mass = found.before().get(0).attention();
        assertEquals(1, mass.outliers() + mass.registers() + mass.classToken() + mass.patches(), 1e-5);
        assertTrue(mass.classToken() > 0);
        assertEquals(0, mass.registers());
        assertNull(found.after());
        JsonNode json = Json.read(root.resolve("out/inspection.json"));
        assertEquals("dsr-inspection-1", json.path("format").asText());
        assertEquals(found.detected().maxRatio(), json.at("/before/1/max_ratio").asDouble());
        assertEquals(1.1, json.at("/rule/ratio").asDouble());
        assertFalse(json.has("plan"));
    }

    @Test
    void thePageNeedsNoOtherFile(NDManager manager) throws IOException {
        inspect(manager, PLAN);
        String page = Files.readString(root.resolve("out/report.html"));
        assertFalse(page.contains("http"), "a link to elsewhere");
        assertEquals(count(page, "src="), count(page, "src=\"data:image/png;base64,"));
        assertTrue(count(page, "class=\"map\"") == 4 * 2 * 2); // images, layers, before and after
        assertTrue(page.contains("&lt;0&gt;.png"));
        assertFalse(page.contains("<0>"));
        assertEquals(count(page, "<section"), count(page, "</section>"));
        for (String title : List.of("Summary", "Norm maps", "Histograms", "Attention", "All numbers")) {
            assertTrue(page.contains("<h2>" + title), title);
        }
    }

    private static int count(String text, String part) {
        return (text.length() - text.replace(part, "").length()) / part.length();
    }

    @Test
    void aPlanIsCompared(NDManager manager) {
        Inspection found = inspect(manager, PLAN);
        assertEquals(2, found.after().size());
        assertTrue(found.after().get(1).attention().registers() > 0);
        assertEquals(PLAN.digest(), found.plan().digest());
        FeatureSimilarity similarity = found.similarity();
        assertTrue(similarity.ordinary().mean() < 1 && similarity.ordinary().mean() > 0.2, similarity::toString);
        long outliers =
                similarity.outliers() == null ? 0 : similarity.outliers().tokens();
        assertEquals(64, similarity.ordinary().tokens() + outliers);
        assertEquals(Math.round(64 * found.detected().outlierRate()), outliers);
    }

    @Test
    void aPlanOfOtherWeightsIsRefused(NDManager manager) {
        PlanEvidence evidence = new PlanEvidence("e", "aa", "i", 1, 1, List.of(), null);
        String message = assertThrows(
                        IllegalArgumentException.class, () -> inspect(manager, PLAN.withEvidence(evidence)))
                .getMessage();
        String sha256 = Sha256.ofFile(root.resolve("encoder/model.safetensors"));
        assertTrue(message.startsWith("register plan: expected one for the encoder of SHA-256 " + sha256), message);
    }

    @Test
    void encodersAreFoundInFoldersConfigurationsAndBundles(NDManager manager) {
        Path bundle = TinyProject.write(root);
        InspectedEncoder folder = InspectedEncoder.open(root.resolve("encoder"), manager);
        assertEquals(224, folder.imageSize());
        assertEquals("Dinov2withNormNoReg", folder.encoder().name());
        assertEquals(28, InspectedEncoder.open(bundle, manager).imageSize());
        RegisterPlanFile.write(bundle.resolve("plan.json"), PLAN);
        Path config = bundle.resolve("other.yaml");
        AtomicFiles.writeString(
                config,
                TinyProject.config()
                        .replace(
                                "encoder_input_size: 28",
                                "encoder_input_size: 42\n    encoder_params: {register_plan: plan.json}"));
        InspectedEncoder configured = InspectedEncoder.open(config, manager);
        assertEquals(42, configured.imageSize());
        assertEquals(PLAN, configured.plan());
        assertEquals(0, configured.encoder().backbone().suffixTokens());
        assertEquals(
                root
                        + ": expected a checkpoint folder with config.json, a bundle or run folder, or a configuration file,"
                        + " got none of these",
                assertThrows(IllegalArgumentException.class, () -> InspectedEncoder.open(root, manager))
                        .getMessage());
        assertEquals(
                "--size: expected a multiple of the patch (14), got 50",
                assertThrows(IllegalArgumentException.class, () -> folder.requireSize(50))
                        .getMessage());
    }

    @Test
    void emojiAreDrawnInTheSizeAskedFor(NDManager manager) {
        InspectedEncoder subject = InspectedEncoder.open(encoder(), manager);
        InspectedImages icons =
                InspectedImages.open("emoji", 42, 3, subject.encoder().pixelNorm());
        assertEquals(3, icons.count());
        assertEquals(42, icons.image(2).height());
        assertTrue(icons.name(0).startsWith("twemoji/"));
        assertTrue(
                icons.name(2).startsWith("fluent-emoji-flat/") || icons.name(2).startsWith("openmoji/"));
    }
}
