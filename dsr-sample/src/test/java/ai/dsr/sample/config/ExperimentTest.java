// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.config.ConfigException;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.DiTPresets;
import ai.dsr.dit.solver.SamplerMode;
import ai.dsr.sample.TinyProject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void writeAConfiguration() throws IOException {
        file = Files.writeString(folder.resolve("x.yaml"), TinyProject.config());
    }

    private Experiment load(String... overrides) {
        return Experiment.load(file, List.of(overrides));
    }

    private String fault(Consumer<Experiment> use, String... overrides) {
        return assertThrows(ConfigException.class, () -> use.accept(load(overrides)))
                .getMessage();
    }

    @Test
    void anUnknownSectionIsRefusedWithTheNearestOne() throws IOException {
        Files.writeString(file, "guidence: {scale: 2}\n");
        assertEquals(file + ":1: guidence: unknown key; did you mean guidance?", fault(x -> {}));
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path none = folder.resolve("none.yaml");
        String message = assertThrows(ConfigException.class, () -> Experiment.load(none, List.of()))
                .getMessage();
        assertEquals(none + ": expected a configuration file, got no such file", message);
    }

    @Test
    void anotherTargetIsRefused() {
        assertTrue(fault(Experiment::denoiser, "stage_2.target=stage2.models.DDT.DiT")
                .endsWith(": stage_2.target: expected one of stage2.models.lightningDiT.LightningDiT, "
                        + "stage2.models.DDT.DiTwDDTHead, stage2.models.textDiT.TextDiT, got stage2.models.DDT.DiT"));
        assertTrue(fault(Experiment::denoiser, "stage_2.target=stage2.models.DDT.DiTwDDTHead")
                .contains("hidden_size: expected a list, got 16"));
        assertTrue(fault(Experiment::rae, "stage_1.target=stage1.VAE")
                .endsWith("stage_1.target: expected stage1.RAE, got stage1.VAE"));
    }

    @Test
    void aFileWithoutImagesOrRunFolderSaysSoOrHasItsOwnName() {
        assertEquals(Path.of("runs", "x"), load().run().dir());
        assertEquals(
                file + ": data: expected a section that says where the images are, got none; add data: "
                        + "{type: image_folder, path: FOLDER, image_size: 256}, or give it by --set",
                fault(Experiment::data));
        assertEquals(64, load("data={type: emoji}").data().imageSize());
    }

    @Test
    void theGuideOfAutoguidanceIsADenoiserOfItsOwn() {
        assertNull(load().guide());
        String guide =
                "guidance.guidance_model={target: stage2.models.lightningDiT.LightningDiT, params: {input_size: 2, "
                        + "patch_size: 1, in_channels: 16, hidden_size: 32, depth: 1, num_heads: 2, mlp_ratio: 2.0, "
                        + "class_dropout_prob: 0.1, num_classes: 2, use_qknorm: false, use_swiglu: true, use_rope: true, "
                        + "use_rmsnorm: true, wo_shift: false}}";
        assertEquals(32, ((DiTConfig) load(guide).guide().config()).hiddenSize());
        assertTrue(fault(Experiment::guide, "guidance.guidance_model={target: a.B, params: {}}")
                .contains("guidance.guidance_model.target: expected one of "));
    }

    @Test
    void theNullLabelOfMiscStandsInForThatOfGuidance() {
        assertEquals(1, load("misc.null_label=1").guidance().nullLabel());
        assertEquals(
                0, load("misc.null_label=1", "guidance.null_label=0").guidance().nullLabel());
    }

    @Test
    void latentSizeAndClassesMustBeThoseOfTheModel() {
        assertTrue(fault(Experiment::denoiser, "misc.latent_size=[16, 4, 4]")
                .endsWith("misc.latent_size: expected that of stage_2 [16, 2, 2], got [16, 4, 4]"));
        assertTrue(fault(Experiment::denoiser, "misc.num_classes=3")
                .endsWith("misc.num_classes: expected that of stage_2 2, got 3"));
        assertTrue(fault(Experiment::misc, "misc.latent_size=[16, 2]")
                .endsWith("latent_size: expected three positive numbers, got [16, 2]"));
    }

    @Test
    void theTimeShiftFollowsFromTheLatentUnlessGiven() {
        assertEquals(2, load().transport().timeDistShift());
        assertEquals(3, load("misc.time_dist_shift_dim=144").transport().timeDistShift());
        assertTrue(fault(Experiment::transport, "misc.time_dist_shift_base=4096")
                .endsWith("time_dist_shift_base: expected 1 to the numbers in a latent (64), got 4096; smaller latents"
                        + " need a smaller base"));
    }

    @Test
    void theSamplersModeStandsBesideItsOptions() {
        assertEquals(SamplerMode.ODE, load().sampler().mode());
        assertEquals(4, load().sampler().numSteps());
        assertEquals(SamplerMode.SDE, load("sampler.mode=SDE").sampler().mode());
        String message = fault(Experiment::sampler, "sampler.mode=PDE");
        assertTrue(message.endsWith("mode: expected one of ODE, SDE, got PDE"), message);
    }

    @Test
    void withoutASectionThereIsNoGuidance() throws IOException {
        Files.writeString(file, "misc: {latent_size: [1, 1, 1], num_classes: 1}\n");
        assertEquals(1, load().guidance().scale());
    }

    @Test
    void pathsAreLookedForBesideTheFileFirst() throws IOException {
        Files.createDirectories(folder.resolve("weights"));
        assertEquals(folder.resolve("weights"), load().resolve("weights"));
        assertEquals(Path.of("elsewhere/weights"), load().resolve("elsewhere/weights"));
        assertTrue(load().absolute("elsewhere").isAbsolute());
        String odd = "a: \"b\" #c\\d";
        assertEquals(
                odd,
                load().withPath("stage_1.params.encoder_config_path", Path.of(odd))
                        .rae()
                        .encoderConfigPath());
    }

    static List<Path> shippedConfigurations() throws IOException {
        try (Stream<Path> files =
                Files.walk(Path.of(System.getProperty("dsr.root", "..")).resolve("configs"))) {
            return files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("shippedConfigurations")
    void shippedConfigurationsBindCompletely(Path shipped) {
        Experiment experiment = Experiment.load(shipped, List.of());
        experiment.run();
        experiment.data();
        if (experiment.has("stage_1")) {
            experiment.rae();
        }
        if (experiment.has("stage_2")) {
            experiment.denoiser();
            experiment.transport();
            experiment.sampler();
            experiment.guidance();
        }
    }

    @Test
    void theRecipesOfOtherPapersAreTheirPresets() {
        Path configs = Path.of(System.getProperty("dsr.root", "..")).resolve("configs/imagenet256");
        Experiment sit = Experiment.load(configs.resolve("sit-xl-2.yaml"), List.of());
        assertEquals(DiTPresets.sitXl2(1000), sit.denoiser().config());
        Experiment jit = Experiment.load(configs.resolve("jit-b-16.yaml"), List.of());
        assertEquals(DiTPresets.jitB16(256, 1000), jit.denoiser().config());
        assertEquals(1, jit.transport().timeDistShift());
    }
}
