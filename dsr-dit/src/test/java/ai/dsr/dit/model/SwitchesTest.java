// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Config;
import ai.dsr.core.kernel.Torch;
import ai.dsr.dit.TestArrays;
import ai.dsr.testkit.TensorAssert;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** All switches of all models in combinations, each against the same formulas written out. */
class SwitchesTest {
    private static final int REGISTERS = 4;
    private static final double TOLERANCE = 5e-4;

    /** Some of {@code 2^bits} combinations, spread over all of them. */
    private static IntStream masks(int bits, int count) {
        int all = 1 << bits;
        return IntStream.range(0, count).map(i -> Math.floorMod(i * 0x9E3779B1, all));
    }

    static IntStream lightning() {
        return masks(11, 80);
    }

    static IntStream wideHead() {
        return masks(7, 40);
    }

    static IntStream text() {
        return masks(11, 80);
    }

    /** Takes switches off a mask one by one. */
    private static final class Switches {
        private int mask;

        Switches(int mask) {
            this.mask = mask;
        }

        boolean next() {
            boolean isOn = (mask & 1) == 1;
            mask >>= 1;
            return isOn;
        }
    }

    private static <T extends Record> T bind(Class<T> type, String format, Object... values) {
        return Config.parse("model: {" + String.format(Locale.ROOT, format, values) + "}", "test.yaml")
                .bind("model", type);
    }

    private static NDArray row(NDArray c) {
        return c.expandDims(1);
    }

    private static void compare(NDArray want, NDArray got) {
        double scale = Math.max(1, want.abs().max().getFloat());
        TensorAssert.assertClose(want.div(scale), got.div(scale), TOLERANCE, TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("lightning")
    void theSingleWidthModel(int mask) {
        Switches on = new Switches(mask);
        boolean hasRegisters = on.next();
        boolean isRotated = on.next() || hasRegisters;
        int patch = on.next() ? 2 : 1;
        int start = on.next() ? 1 : 0;
        DiTConfig cfg = bind(
                DiTConfig.class,
                "input_size: 4, patch_size: %d, in_channels: 3, hidden_size: 16, depth: 2, num_heads: 2, mlp_ratio: 3.1,"
                        + " class_dropout_prob: 0.1, num_classes: 4, use_rope: %b, register_conditioning: %b,"
                        + " register_len: %d, register_start: %d, use_qknorm: %b, use_swiglu: %b, use_rmsnorm: %b,"
                        + " wo_shift: %b, learn_sigma: %b, final_no_ln: %b, attn_with_bias: %b",
                patch,
                isRotated,
                hasRegisters,
                REGISTERS,
                start,
                on.next(),
                on.next(),
                on.next(),
                on.next(),
                on.next(),
                on.next(),
                on.next());
        try (NDManager manager = Torch.newManager()) {
            LightningDiT model = new LightningDiT(cfg);
            TestArrays.randomize(model, manager, mask);
            NDArray x = TestArrays.normal(manager, 1, 2, 3, 4, 4);
            NDArray t = manager.create(new float[] {0.2f, 0.7f});
            NDArray y = manager.create(new long[] {1, 4});
            PlainDiT plain = new PlainDiT(model.arrays(), manager, cfg.useRmsnorm(), cfg.useSwiglu(), cfg.woShift())
                    .with(2, isRotated ? cfg.gridSize() : 0);
            NDArray table = plain.weight("y_embedder.embedding_table.weight");
            NDArray c = row(plain.fourier(t, plain.weight("t_embedder.W")).add(table.get(y)));
            NDArray h = plain.patches("x_embedder", x, patch).add(plain.weight("pos_embed"));
            int registers = 0;
            for (int i = 0; i < 2; i++) {
                if (hasRegisters && i == start) {
                    h = plain.join("", h);
                    registers = REGISTERS;
                }
                h = plain.block("blocks." + i, h, c, registers);
            }
            h = h.get(":, {}:", registers);
            int channels = cfg.learnSigma() ? 6 : 3;
            NDArray want = plain.image(plain.last(h, c, !cfg.finalNoLn()), patch, channels)
                    .get(":, :3");
            compare(want, model.forward(x, t, y));
        }
    }

    @ParameterizedTest
    @MethodSource("wideHead")
    void theModelWithAWideHead(int mask) {
        Switches on = new Switches(mask);
        boolean hasRegisters = on.next();
        int head = on.next() ? 16 : 24;
        boolean hasPositions = on.next();
        DiTDHConfig cfg = bind(
                DiTDHConfig.class,
                "input_size: 4, patch_size: 1, in_channels: 3, hidden_size: [16, %d], depth: [2, 2], num_heads: [2, 2],"
                        + " mlp_ratio: 3.1, class_dropout_prob: 0.1, num_classes: 4, use_rope: true,"
                        + " register_conditioning: %b, register_len: 4, register_start: 1, use_pos_embed: %b,"
                        + " use_qknorm: %b, use_swiglu: %b, use_rmsnorm: %b, wo_shift: %b",
                head,
                hasRegisters,
                hasPositions,
                on.next(),
                on.next(),
                on.next(),
                on.next());
        try (NDManager manager = Torch.newManager()) {
            DiTDH model = new DiTDH(cfg);
            TestArrays.randomize(model, manager, mask);
            NDArray x = TestArrays.normal(manager, 1, 2, 3, 4, 4);
            NDArray t = manager.create(new float[] {0.2f, 0.7f});
            NDArray y = manager.create(new long[] {1, 4});
            PlainDiT plain =
                    new PlainDiT(model.arrays(), manager, cfg.useRmsnorm(), cfg.useSwiglu(), cfg.woShift()).with(2, 4);
            NDArray when = row(plain.fourier(t, plain.weight("t_embedder.W")));
            NDArray table = plain.weight("y_embedder.embedding_table.weight");
            NDArray c = PlainDiT.silu(when.add(row(table.get(y))));
            NDArray s = plain.patches("s_embedder", x, 1);
            s = hasPositions ? s.add(plain.weight("pos_embed")) : s;
            s = plain.block("blocks.0", s, c, 0);
            int registers = hasRegisters ? REGISTERS : 0;
            s = hasRegisters ? plain.join("enc_", s) : s;
            s = PlainDiT.silu(plain.block("blocks.1", s, c, registers).add(when));
            s = head == 16 ? s : plain.linear("s_projector", s);
            NDArray h = plain.patches("x_embedder", x, 1);
            h = hasRegisters ? plain.join("dec_", h) : h;
            h = plain.block("blocks.3", plain.block("blocks.2", h, s, registers), s, registers);
            NDArray tokens = plain.last(h.get(":, {}:", registers), s.get(":, {}:", registers), true);
            compare(plain.image(tokens, 1, 3), model.forward(x, t, y));
        }
    }

    @ParameterizedTest
    @MethodSource("text")
    void theTextToImageModel(int mask) {
        Switches on = new Switches(mask);
        boolean isWide = on.next();
        boolean isSplit = on.next() && !isWide;
        boolean hasRegisters = on.next() && !isSplit;
        boolean isRotated = on.next() || hasRegisters;
        int patch = on.next() ? 2 : 1;
        TextDiTConfig cfg = bind(
                TextDiTConfig.class,
                (isWide
                                ? "arch: DDT, hidden_size: [16, 24], depth: [2, 2], num_heads: 2,"
                                : "arch: DiT, hidden_size: 16, depth: 4, num_heads: 2,")
                        + " input_size: 4, patch_size: %d, in_channels: 3, mlp_ratio: 3.1, class_dropout_prob: 0.1,"
                        + " z_channels: 12, use_DDT: %b, DDT_encoder_depth: 2, use_rope: %b, register_conditioning: %b,"
                        + " register_len: 4, register_start: 1, use_qknorm: %b, use_swiglu: %b, use_rmsnorm: %b,"
                        + " wo_shift: %b, use_gembed: %b, cond_silu: %b",
                patch,
                isSplit,
                isRotated,
                hasRegisters,
                on.next(),
                on.next(),
                on.next(),
                on.next(),
                on.next(),
                on.next());
        try (NDManager manager = Torch.newManager()) {
            TextDiT model = new TextDiT(cfg);
            TestArrays.randomize(model, manager, mask);
            NDArray x = TestArrays.normal(manager, 1, 2, 3, 4, 4);
            NDArray t = manager.create(new float[] {0.2f, 0.7f});
            NDArray y = TestArrays.normal(manager, 2, 2, cfg.tokens(), 12);
            compare(text(cfg, model, x, t, y), model.forward(x, t, y));
        }
    }

    private static NDArray text(TextDiTConfig cfg, TextDiT model, NDArray x, NDArray t, NDArray y) {
        NDManager manager = x.getManager();
        PlainDiT plain = new PlainDiT(model.arrays(), manager, cfg.useRmsnorm(), cfg.useSwiglu(), cfg.woShift())
                .with(2, cfg.useRope() ? cfg.gridSize() : 0);
        NDArray when = row(cfg.useGembed() ? plain.fourier(t, sharedFrequencies(manager)) : geometric(plain, t));
        NDArray c = activated(cfg, when.add(y));
        NDArray h = plain.patches("x_embedder", x, cfg.patchSize()).add(plain.weight("pos_embed"));
        int registers = 0;
        String prefix = cfg.arch() == TextDiTConfig.Arch.DDT ? "enc_" : "";
        for (int i = 0; i < cfg.encoderDepth(); i++) {
            if (cfg.registers() > 0 && i == 1) {
                h = plain.join(prefix, h);
                registers = REGISTERS;
                NDArray mean = activated(cfg, when.add(y.mean(new int[] {1}, true)));
                c = mean.broadcast(new Shape(2, REGISTERS, 12)).concat(c, 1);
            }
            h = plain.block("dit_blocks." + i, h, c, registers);
        }
        if (cfg.hasHead()) {
            NDArray s = activated(cfg, h);
            c = cfg.arch() == TextDiTConfig.Arch.DDT ? plain.linear("s_projector", s) : s;
            h = plain.patches("s_embedder", x, cfg.patchSize());
            h = registers > 0 ? plain.join("dec_", h) : h;
            for (int i = 2; i < 4; i++) {
                h = plain.block("dit_blocks." + i, h, c, registers);
            }
        }
        NDArray tokens = plain.last(h.get(":, {}:", registers), c.get(":, {}:", registers), true);
        return plain.image(tokens, cfg.patchSize(), 3);
    }

    private static NDArray activated(TextDiTConfig cfg, NDArray c) {
        return cfg.condSilu() ? PlainDiT.silu(c) : c;
    }

    private static NDArray geometric(PlainDiT plain, NDArray t) {
        float[] frequencies = new float[128];
        for (int k = 0; k < frequencies.length; k++) {
            frequencies[k] = (float) Math.pow(10000, -k / 128.0);
        }
        NDArray angle = t.reshape(-1, 1).mul(t.getManager().create(frequencies));
        return plain.timeMlp(angle.cos().concat(angle.sin(), 1));
    }

    /** The first of them are in the golden cases; here those that the model itself has will do. */
    private static NDArray sharedFrequencies(NDManager manager) {
        return manager.create(GaussianFourierEmbedding.sharedFrequencies());
    }
}
