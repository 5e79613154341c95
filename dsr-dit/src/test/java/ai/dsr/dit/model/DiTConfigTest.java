// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Config;
import ai.dsr.core.nn.Weight;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sizes of the presets and what the configurations refuse. */
class DiTConfigTest {
    private static final DiTConfig TINY = DiTConfig.of(4, 5, 6, 16, 3, 2);

    private static final String YAML =
            "model: {input_size: 4, patch_size: 1, in_channels: 5, hidden_size: 16, depth: 3,"
                    + " num_heads: 2, mlp_ratio: 4.0, class_dropout_prob: 0.1, num_classes: 6, use_qknorm: false,"
                    + " use_swiglu: true, use_rope: true, use_rmsnorm: true, wo_shift: false%s}";

    /** Counts of the released models: 16 x 16 latents of 768 channels, 1000 classes. */
    @ParameterizedTest
    @CsvSource({"small, 33649792", "base, 131884288", "large, 459923424", "xl, 677248384"})
    void presetsHaveTheParametersOfTheReleasedModels(String preset, long parameters) {
        DiTConfig cfg =
                switch (preset) {
                    case "small" -> DiTConfig.small(16, 768, 1000);
                    case "base" -> DiTConfig.base(16, 768, 1000);
                    case "large" -> DiTConfig.large(16, 768, 1000);
                    default -> DiTConfig.xl(16, 768, 1000);
                };
        assertEquals(parameters, new LightningDiT(cfg).parameterCount());
    }

    @Test
    void aModelOfThePapersSizeHoldsNoMemoryUntilItIsLoaded() {
        LightningDiT model = new LightningDiT(DiTConfig.xl(16, 768, 1000).withRegisters(36, 8));
        assertFalse(model.weights().values().stream().anyMatch(Weight::isBound));
        assertEquals(677248384 + 2 * 36 * 1152, model.parameterCount());
    }

    @Test
    void thirtySixRegistersCostATenthOfTheOperations() {
        double plain = DiTConfig.xl(16, 768, 1000).forwardFlops();
        double more = DiTConfig.xl(16, 768, 1000).withRegisters(36, 8).forwardFlops();
        assertEquals(0.104, more / plain - 1, 0.0005);
    }

    static Stream<Arguments> refusedSettings() {
        return Stream.of(
                refused("hidden_size: expected a multiple of num_heads (3), got 16", 16, 3, 3),
                refused("hidden_size: expected a multiple of 4 for sine-cosine positions, got 18", 18, 3, 3),
                refused(
                        "hidden_size: expected a head width divisible by 4 for rotary positions, got 2 (16 / 8)",
                        16,
                        3,
                        8),
                refused("depth: expected a positive number, got 0", 16, 0, 2),
                Arguments.of("register_len: expected a square number (0, 1, 4, 9, ...), got 6", (Supplier<?>)
                        () -> TINY.withRegisters(6, 0)),
                Arguments.of("register_len: expected a square number (0, 1, 4, 9, ...), got -4", (Supplier<?>)
                        () -> TINY.withRegisters(-4, 0)),
                Arguments.of("register_start: expected 0 to 2 (depth is 3), got 3", (Supplier<?>)
                        () -> TINY.withRegisters(9, 3)),
                Arguments.of("register_start: expected 0 to 2 (depth is 3), got -1", (Supplier<?>)
                        () -> TINY.withRegisters(1, -1)));
    }

    private static Arguments refused(String message, int width, int depth, int heads) {
        return Arguments.of(message, (Supplier<?>) () -> DiTConfig.of(4, 5, 6, width, depth, heads));
    }

    @ParameterizedTest
    @MethodSource
    void refusedSettings(String message, Supplier<?> config) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, config::get).getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "use_rope: false, register_conditioning: true, register_len: 4 | use_rope: expected true with registers",
                "patch_size: 3 | input_size: expected a multiple of patch_size (3), got 4",
                "class_dropout_prob: 1.5 | class_dropout_prob: expected a probability in [0, 1], got 1.5",
                "mlp_ratio: -1.0 | mlp_ratio: expected a positive number, got -1"
            })
    void settingsOfAFileAreRefusedWithTheirKey(String override, String message) {
        String yaml = YAML.formatted("");
        for (String pair : override.split(", ", -1)) {
            String key = pair.substring(0, pair.indexOf(':'));
            yaml = yaml.contains(key + ":")
                    ? yaml.replaceFirst(key + ": [^,}]+", pair)
                    : yaml.substring(0, yaml.length() - 1) + ", " + pair + "}";
        }
        Config config = Config.parse(yaml, "test.yaml");
        String got = assertThrows(RuntimeException.class, () -> config.bind("model", DiTConfig.class))
                .getMessage();
        assertEquals(true, got.contains(message), got);
    }

    @Test
    void registerKeysMeanNothingWithoutRegisterConditioning() {
        Config config = Config.parse(YAML.formatted(", register_len: 5, register_start: 99"), "test.yaml");
        assertEquals(0, config.bind("model", DiTConfig.class).registers());
    }

    @Test
    void aFileMayLeaveOutTheOptionalKeys() {
        assertEquals(TINY, Config.parse(YAML.formatted(""), "test.yaml").bind("model", DiTConfig.class));
    }

    @Test
    void theWideHeadTakesOneNumberOfHeadsForBothParts() {
        DiTDHConfig xl = DiTDHConfig.xl(16, 768, 1000);
        DiTDHConfig one = new DiTDHConfig(
                16,
                1,
                768,
                xl.hiddenSize(),
                xl.depth(),
                List.of(16),
                4,
                0.1,
                1000,
                false,
                true,
                true,
                true,
                false,
                true,
                false,
                0,
                0);
        assertEquals(xl, one);
        assertEquals(838675796, new DiTDH(one).parameterCount());
    }

    @Test
    void theWideHeadRefusesRegistersAfterTheEncoder() {
        DiTDHConfig xl = DiTDHConfig.xl(16, 768, 1000);
        assertEquals(
                "register_start: expected 0 to 27 (depth[0] is 28), got 28",
                assertThrows(IllegalArgumentException.class, () -> xl.withRegisters(4, 28))
                        .getMessage());
    }

    @Test
    void theWideHeadRefusesPatchesLargerThanOne() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> new DiTDHConfig(
                        4,
                        2,
                        5,
                        List.of(16, 24),
                        List.of(1, 1),
                        List.of(2),
                        4,
                        0.1,
                        6,
                        false,
                        true,
                        true,
                        true,
                        false,
                        true,
                        false,
                        0,
                        0));
        assertEquals("patch_size: expected 1 for the model with a wide head, got 2", refused.getMessage());
    }

    /** 675,129,632 numbers of DiT-XL/2 as released, plus 256 frequencies and their larger time embedding. */
    @Test
    void sitHasTheParametersOfDiTWithTwo() {
        DiTConfig cfg = DiTPresets.sitXl2(1000);
        assertEquals(675_129_632L + 256 + 256 * 1152, new LightningDiT(cfg).parameterCount());
        assertEquals(256, cfg.tokens());
    }

    /** 131, 459 and 953 million in the paper (arXiv 2511.13720). */
    @ParameterizedTest
    @CsvSource({"b, 131", "l, 459", "h, 953"})
    void jitHasTheParametersOfThePaper(String size, double millions) {
        DiTConfig cfg =
                switch (size) {
                    case "b" -> DiTPresets.jitB16(256, 1000);
                    case "l" -> DiTPresets.jitL16(256, 1000);
                    default -> DiTPresets.jitH16(256, 1000);
                };
        assertEquals(millions, new LightningDiT(cfg).parameterCount() / 1e6, 1.0);
        assertEquals(32, cfg.registers());
    }

    /** The sizes of the RAE paper (Zheng et al., 2025); that of XL is also in the golden cases. */
    @Test
    void theWideHeadComesInFourSizes() {
        long previous = 0;
        for (DiTDHConfig cfg : List.of(
                DiTDHConfig.small(16, 768, 1000),
                DiTDHConfig.base(16, 768, 1000),
                DiTDHConfig.large(16, 768, 1000),
                DiTDHConfig.xl(16, 768, 1000))) {
            long count = new DiTDH(cfg).parameterCount();
            assertTrue(count > previous);
            assertEquals(
                    List.of(2048, 2),
                    List.of(cfg.hiddenSize().get(1), cfg.depth().get(1)));
            previous = count;
        }
        assertEquals(838675796, previous);
    }

    @Test
    void onlyGridsOfRegistersMustBeSquares() {
        DiTConfig cfg = TINY.withRegisters(RegisterKind.LEARNED, 6, 1);
        assertEquals(new Shape(1, 6, 16), new LightningDiT(cfg).shapes().get("register_pos_embed"));
        DiTConfig ofClass = TINY.withRegisters(RegisterKind.CLASS, 5, 1);
        assertFalse(new LightningDiT(ofClass).shapes().containsKey("register_tokens"));
        assertEquals(
                "register_len: expected 0 or more, got -4",
                assertThrows(IllegalArgumentException.class, () -> TINY.withRegisters(RegisterKind.LEARNED, -4, 0))
                        .getMessage());
    }

    private static final String WIDE =
            "model: {input_size: 4, patch_size: 1, in_channels: 5, hidden_size: [16, 24], depth: [2, 1], num_heads: [2, 3],"
                    + " mlp_ratio: 4.0, class_dropout_prob: 0.1, num_classes: 6, use_qknorm: false, use_swiglu: true,"
                    + " use_rope: true, use_rmsnorm: true, wo_shift: false, register_conditioning: true,"
                    + " register_len: 4, register_start: 1}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "use_rope: true | use_rope: false | use_rope: expected true for the model with a wide head, got false",
                "patch_size: 1 | patch_size: 2 | patch_size: expected 1 for the model with a wide head, got 2",
                "register_start: 1 | register_start: 2 | register_start: expected 0 to 1 (depth[0] is 2), got 2",
                "register_start: 1 | register_start: -1 | register_start: expected 0 to 1 (depth[0] is 2), got -1",
                "register_len: 4 | register_len: 3 | register_len: expected a square number (0, 1, 4, 9, ...), got 3",
                "[16, 24] | [16, 30] | hidden_size[1]: expected a multiple of 4 for sine-cosine positions, got 30",
                "[16, 24] | [20, 24] | hidden_size[0]: expected a head width divisible by 4 for rotary positions, got 10",
                "[16, 24] | [16] | hidden_size: expected a pair for encoder and head, got [16]",
                "[2, 3] | [2, 5] | hidden_size[1]: expected a multiple of num_heads (5), got 24"
            })
    void theWideHeadRefusesWhatCannotWork(String from, String to, String message) {
        Config config = Config.parse(WIDE.replace(from, to), "test.yaml");
        String got = assertThrows(RuntimeException.class, () -> config.bind("model", DiTDHConfig.class))
                .getMessage();
        assertTrue(got.contains(message), got);
        Config.parse(WIDE, "test.yaml").bind("model", DiTDHConfig.class);
    }
}
