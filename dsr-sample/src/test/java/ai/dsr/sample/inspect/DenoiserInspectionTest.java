// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.Json;
import ai.dsr.core.run.Progress;
import ai.dsr.dit.model.ActivationTap;
import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.sample.TinyProject;
import ai.dsr.testkit.LeakCheck;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The tiny bundle: a grid of 2 x 2 tokens, two blocks, four registers from block 1 on. */
@ExtendWith(LeakCheck.class)
final class DenoiserInspectionTest {
    private static final OutlierRule RULE = OutlierRule.timesMedian(1.05);

    @TempDir
    private Path root;

    private InspectedImages images(InspectedDenoiser denoiser, boolean inClasses) {
        for (int i = 0; i < 5; i++) {
            String folder = inClasses ? TinyProject.CLASSES.get(i % 2) : "others";
            ImageCodec.writePng(root.resolve("images").resolve(folder).resolve(i + ".png"), TinyProject.image(i));
        }
        return InspectedImages.open(root.resolve("images").toString(), denoiser.imageSize(), 5, PixelNorm.half());
    }

    private DenoiserFindings inspect(NDManager manager, boolean inClasses, Double... levels) {
        InspectedDenoiser denoiser = InspectedDenoiser.open(TinyProject.write(root), manager);
        DenoiserInspection inspection =
                new DenoiserInspection(denoiser, images(denoiser, inClasses), List.of(levels), RULE);
        DenoiserFindings found = inspection.run(manager, (task, total) -> Progress.silent());
        inspection.write(root.resolve("out"), found, "./dsr inspect x");
        return found;
    }

    @Test
    void everyBlockIsMeasuredAtEveryLevel(NDManager manager) throws IOException {
        DenoiserFindings found = inspect(manager, true, 0.2, 0.8);
        assertEquals("LightningDiT", found.model());
        assertEquals(4, found.registers());
        assertEquals(2, found.gridSide());
        assertEquals(DenoiserFindings.CLASSES, found.condition());
        assertEquals(2, found.levels().size());
        for (DenoiserFindings.Level level : found.levels()) {
            assertEquals(2, level.blocks().size());
            for (LayerStatistics block : level.blocks()) {
                assertEquals(5L * 4, block.tokens());
                AttentionMass mass = block.attention();
                assertEquals(1, mass.outliers() + mass.registers() + mass.sinks() + mass.patches(), 1e-5);
            }
            assertEquals(0, level.blocks().get(0).attention().registers()); // not there yet
            assertTrue(level.blocks().get(1).attention().registers() > 0.1);
        }
        JsonNode json = Json.read(root.resolve("out/inspection.json"));
        assertEquals(DenoiserFindings.FORMAT, json.path("format").asText());
        assertEquals(0.8, json.at("/levels/1/t").asDouble());
        assertEquals(
                found.levels().get(1).blocks().get(1).attention().registers(),
                json.at("/levels/1/blocks/1/attention/registers").asDouble());
    }

    @Test
    void imagesOfOtherClassesComeWithoutALabel(NDManager manager) throws IOException {
        assertEquals(DenoiserFindings.NOTHING, inspect(manager, false, 0.5).condition());
        assertTrue(Files.readString(root.resolve("out/report.html")).contains("The model was told nothing"));
    }

    @Test
    void thePageNeedsNoOtherFile(NDManager manager) throws IOException {
        inspect(manager, true, 0.1, 0.5, 0.9);
        String page = Files.readString(root.resolve("out/report.html"));
        assertFalse(page.contains("http"), "a link to elsewhere");
        assertEquals(count(page, "src="), count(page, "src=\"data:image/png;base64,"));
        assertEquals(count(page, "<section"), count(page, "</section>"));
        assertEquals(4, count(page, "<table class=\"matrix\">"));
        assertEquals(5 * 2, count(page, "class=\"map\""));
        assertTrue(page.contains("4 diffusion registers; they are 50.0% of the tokens"), "even share");
        for (String title : List.of("Summary", "By block and noise level", "Norm maps at t = ", "All numbers")) {
            assertTrue(page.contains("<h2>" + title), title);
        }
    }

    private static int count(String text, String part) {
        return (text.length() - text.replace(part, "").length()) / part.length();
    }

    @Test
    void aProbeSeesTheNormsAndTheAttentionOfTheForwardCall(NDManager manager) {
        InspectedDenoiser denoiser = InspectedDenoiser.open(TinyProject.write(root), manager);
        NDArray x = manager.randomNormal(new Shape(2, 16, 2, 2));
        NDArray t = manager.create(new float[] {0.3f, 0.3f});
        NDArray y = manager.create(new long[] {0, 1});
        denoiser.model().forward(x, t, y).close(); // makes the rotary tables, which stay
        int before = manager.getManagedArrays().size();
        DenoiserProbe probe = new DenoiserProbe(denoiser.model(), RULE);
        probe.add(x, t, y);
        assertEquals(before, manager.getManagedArrays().size());
        Map<String, NDArray> seen = new LinkedHashMap<>();
        denoiser.model().forward(x, t, y, new ActivationTap() {
            @Override
            public void accept(String name, NDArray value) {
                seen.put(name, value);
            }

            @Override
            public boolean wantsAttention(int block) {
                return true;
            }
        });
        NDArray patches = seen.get("block.1").get(":, 4:"); // behind four registers
        for (int image = 0; image < 2; image++) {
            float[] norms =
                    patches.get(image).square().sum(new int[] {1}).sqrt().toFloatArray();
            assertArrayEquals(norms, probe.profile().norms(1, image), 1e-4f);
        }
        NDArray looks = seen.get("attention.1").get(":, :, 4:, :4"); // patches at registers
        double registers = looks.sum(new int[] {3}).mean().getFloat();
        assertEquals(registers, probe.profile().statistics().get(1).attention().registers(), 1e-5);
    }

    @Test
    void whatCannotBeInspectedIsNamed(NDManager manager) {
        InspectedDenoiser denoiser = InspectedDenoiser.open(TinyProject.write(root), manager);
        InspectedImages images = images(denoiser, true);
        assertEquals(
                "--levels: expected times from 0 (data) to 1 (noise), got [0.5, 1.5]",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new DenoiserInspection(denoiser, images, List.of(0.5, 1.5), RULE))
                        .getMessage());
        assertEquals(
                root.resolve("encoder") + ": expected a bundle or run folder with a denoiser, or a configuration file,"
                        + " got none of these",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> InspectedDenoiser.open(root.resolve("encoder"), manager))
                        .getMessage());
        assertEquals(
                "probe: expected states to look at, got none",
                assertThrows(IllegalStateException.class, () -> new DenoiserProbe(denoiser.model(), RULE).profile())
                        .getMessage());
        assertTrue(InspectedDenoiser.hasDenoiser(root.resolve("bundle")));
        assertFalse(InspectedDenoiser.hasDenoiser(root.resolve("encoder")));
    }
}
