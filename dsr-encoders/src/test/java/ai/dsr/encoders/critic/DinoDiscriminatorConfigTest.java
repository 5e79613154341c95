// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.config.Config;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DinoDiscriminatorConfigTest {
    private static DinoDiscriminatorConfig bind(String yaml) {
        return Config.parse("arch: " + yaml, "test.yaml").bind("arch", DinoDiscriminatorConfig.class);
    }

    @Test
    void thePublishedSectionBinds() {
        DinoDiscriminatorConfig config = bind("{dino_ckpt_path: models/discs/dino_vit_small_patch8_224.pth, ks: 9, "
                + "norm_type: bn, using_spec_norm: true, recipe: S_8}");
        assertEquals("models/discs/dino_vit_small_patch8_224.pth", config.dinoCkptPath());
        assertEquals(784, config.sizes().patches());
        assertEquals(List.of(2, 5, 8, 11), config.usedDepths());
        assertEquals(1e-6, config.normEps());
        assertEquals(DinoDiscriminatorConfig.of("S_8"), bind("{}")); // the defaults are the published ones
    }

    @Test
    void aBackboneSectionDecidesTheSizes() {
        DinoDiscriminatorConfig config =
                bind("{recipe: tiny, ks: 3, key_depths: [5, 0, 9], norm_eps: 1.0e-5, backbone: "
                        + "{depth: 6, embed_dim: 20, num_heads: 2, patch_size: 28, mlp_ratio: 2.1, norm_eps: 1.0e-6, "
                        + "key_depths: [1], in_chans: 3}}");
        assertEquals(64, config.sizes().patches());
        assertEquals(42, config.sizes().mlpWidth());
        assertEquals(List.of(0, 5), config.usedDepths());
        assertEquals(1e-5, config.normEps());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "{ks: 4} | ks: expected an odd number up to 1569, got 4",
                "{ks: 35, backbone: {patch_size: 56}} | ks: expected an odd number up to 33, got 35",
                "{recipe: L_16} | recipe: expected S_16, S_8 or B_16, got L_16; give another transformer's sizes in the "
                        + "section backbone",
                "{key_depths: [1, 1]} | key_depths: expected different numbers of blocks from 0, got [1, 1]",
                "{key_depths: [-1]} | key_depths: expected different numbers of blocks from 0, got [-1]",
                "{norm_eps: 0} | norm_eps: expected above 0, got 0.0",
                "{norm_type: gn, backbone: {embed_dim: 48}} | norm_type: expected bn for a width of 48, which is no "
                        + "multiple of 32, got gn",
                "{backbone: {embed_dim: 50}} | embed_dim: expected a positive multiple of num_heads (6), got 50",
                "{backbone: {depth: 0}} | depth: expected 1 or more, got 0",
                "{backbone: {patch_size: 225}} | patch_size: expected 1 to 224, got 225",
                "{backbone: {mlp_ratio: 0}} | mlp_ratio: expected at least one hidden channel, got 0.0",
                "{backbone: {in_chans: 4}} | in_chans: expected 3, got 4",
                "{norm_type: ln} | expected one of bn, gn, got \"ln\""
            })
    void badValuesAreNamed(String yaml, String message) {
        String got = assertThrows(RuntimeException.class, () -> bind(yaml)).getMessage();
        assertTrue(got.endsWith(message), got);
    }

    @Test
    void aKernelMayGoOnceAroundTheRing() {
        assertEquals(
                33, bind("{ks: 33, backbone: {patch_size: 56}}").ks()); // 16 tokens and their neighbours on both sides
    }
}
