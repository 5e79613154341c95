// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.nn.SinCosPositions;
import ai.dsr.dit.model.AdaLN;
import ai.dsr.dit.model.BlockConfig;
import ai.dsr.dit.model.ConditionEmbedder;
import ai.dsr.dit.model.Conditioning;
import ai.dsr.dit.model.DiffusionRegisters;
import ai.dsr.dit.model.FinalLayer;
import ai.dsr.dit.model.GaussianFourierEmbedding;
import ai.dsr.dit.model.LabelEmbedder;
import ai.dsr.dit.model.LightningDiTBlock;
import ai.dsr.dit.model.Mlp;
import ai.dsr.dit.model.NormAttention;
import ai.dsr.dit.model.RotaryTable;
import ai.dsr.dit.model.SwiGLUFFN;
import ai.dsr.dit.model.TimestepEmbedder;
import ai.dsr.dit.model.Unpatchify;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;

/** Runs the golden cases of the models' parts. */
final class ComponentParity {
    private final FixtureCase fixture;
    private final ConfigKeys keys;
    private final Checker out;

    private ComponentParity(FixtureCase fixture, Checker out) {
        this.fixture = fixture;
        this.out = out;
        keys = fixture.keys();
    }

    static void run(FixtureCase fixture, Checker out) {
        new ComponentParity(fixture, out)
                .run(fixture.keys().require("component").asText());
    }

    private void run(String component) {
        switch (component) {
            case "RMSNorm" -> rmsNorm();
            case "VisionRotaryEmbeddingFast" -> rotary();
            case "GaussianFourierEmbedding" -> fourier();
            case "TimestepEmbedder" -> timestep();
            case "LabelEmbedder" -> labels();
            case "ConditionEmbedder" -> condition();
            case "get_2d_sincos_pos_embed" -> positions();
            case "register_pos_embed" -> registerPositions();
            case "SwiGLUFFN" -> swiGlu();
            case "Mlp" -> mlp();
            case "NormAttention" -> attention(false);
            case "NormAttentionWithBias" -> attention(true);
            case "modulate" -> modulate();
            case "DDTModulate" -> tokenModulate();
            case "LightningFinalLayer", "DDTFinalLayer" ->
                finalLayer(bool("use_rmsnorm") ? FinalLayer.Norm.RMS : FinalLayer.Norm.LAYER);
            case "LightningFinalLayerNoLN" -> finalLayer(FinalLayer.Norm.NONE);
            case "PatchEmbed" -> patches();
            case "LightningDiTBlock", "LightningDDTBlock" -> block();
            default -> throw new IllegalArgumentException("component: expected a known one, got " + component);
        }
    }

    private void rmsNorm() {
        NDArray x = fixture.in("x");
        keys.require("dim");
        out.check(
                "y",
                Kernels.rmsNorm(x, fixture.param("weight"), keys.require("eps").asDouble()));
    }

    private void rotary() {
        int extent = integer("pt_seq_len");
        int grid = keys.isGiven("ft_seq_len") ? integer("ft_seq_len") : extent;
        int registers = integer("num_cls_token");
        int headWidth = 2 * integer("dim");
        RotaryTable table = RotaryTable.scaled(
                headWidth, extent, grid, keys.require("theta").asDouble(), registers);
        out.check("freqs_cos", table.cosines(), table.rows(), headWidth);
        out.check("freqs_sin", table.sines(), table.rows(), headWidth);
        NDArray x = fixture.in("x").transpose(0, 2, 1, 3); // (B, rows, K, d)
        int times = Math.max(1, (int) (x.getShape().get(1) / table.rows()));
        NDArray y = Kernels.rotatePairs(x, table.repeated(times).on(fixture.manager()));
        out.check("y", y.transpose(0, 2, 1, 3));
    }

    private void fourier() {
        int width = integer("hidden_size");
        GaussianFourierEmbedding layer = load(new GaussianFourierEmbedding(width, integer("embedding_size"), true));
        out.check("y", layer.forward(fixture.in("t")));
    }

    private void timestep() {
        TimestepEmbedder layer = load(new TimestepEmbedder(
                integer("hidden_size"),
                integer("frequency_embedding_size"),
                keys.require("max_period").asDouble()));
        out.check("freq", layer.waves(fixture.in("t")));
        out.check("y", layer.forward(fixture.in("t")));
    }

    private void labels() {
        int classes = integer("num_classes");
        double probability = keys.require("class_dropout_prob").asDouble();
        LabelEmbedder layer = load(new LabelEmbedder(classes, integer("hidden_size"), probability));
        Conditioning labels = layer.labels();
        out.check("eval", layer.forward(fixture.in("labels")));
        if (fixture.hasOut("train")) {
            NDArray kept =
                    labels.drop(fixture.in("labels"), fixture.in("uniform").toFloatArray());
            out.check("train", layer.forward(kept));
        }
        if (fixture.hasOut("forced")) {
            long[] flags = fixture.in("force_drop_ids").toLongArray();
            boolean[] dropped = new boolean[flags.length];
            for (int i = 0; i < flags.length; i++) {
                dropped[i] = flags[i] == 1;
            }
            out.check("forced", layer.forward(labels.dropWhere(fixture.in("labels"), dropped)));
        }
    }

    private void condition() {
        double probability = keys.require("class_dropout_prob").asDouble();
        ConditionEmbedder layer = load(new ConditionEmbedder(integer("z_channels"), probability));
        out.check("eval", fixture.in("y"));
        out.check("train", layer.drop(fixture.in("y"), fixture.in("uniform").toFloatArray()));
    }

    private void positions() {
        for (JsonNode table : keys.require("tables")) {
            int width = table.get("embed_dim").asInt();
            int side = table.get("grid_size").asInt();
            String name = table.get("name").asText();
            out.check(name, SinCosPositions.table(width, side), (long) side * side, width);
        }
    }

    private void registerPositions() {
        int width = integer("hidden_size");
        for (JsonNode length : keys.require("lengths")) {
            int rows = length.asInt();
            out.check("r" + rows, DiffusionRegisters.positions(rows, width), 1, rows, width);
        }
        for (JsonNode length : keys.require("refused_lengths")) {
            try {
                DiffusionRegisters.positions(length.asInt(), width);
                out.fail("refused_lengths: expected an error for " + length + ", got a table");
            } catch (IllegalArgumentException expected) {
                // as it should be
            }
        }
    }

    private void swiGlu() {
        SwiGLUFFN layer = load(new SwiGLUFFN(plain(integer("in_features")), integer("hidden_features")));
        out.check("y", layer.forward(fixture.in("x")));
    }

    private void mlp() {
        String gelu = keys.require("gelu").asText();
        if (!gelu.equals("tanh")) {
            throw new IllegalArgumentException("gelu: expected tanh, got " + gelu);
        }
        Mlp layer = load(new Mlp(plain(integer("in_features")), integer("hidden_features")));
        out.check("y", layer.forward(fixture.in("x")));
    }

    private void attention(boolean hasSinks) {
        int width = integer("dim");
        int heads = integer("num_heads");
        boolean isNormed = bool("qk_norm");
        boolean isRms = bool("use_rmsnorm");
        BlockConfig cfg = new BlockConfig(width, width, heads, 4, isNormed, true, isRms, true, hasSinks, true);
        NormAttention layer = load(new NormAttention(cfg, bool("qkv_bias")));
        int grid = integer("pt_seq_len");
        int registers = integer("num_cls_token");
        NDArray angles =
                bool("rope") ? RotaryTable.of(width / heads, grid, registers).on(fixture.manager()) : null;
        out.check("y", layer.forward(fixture.in("x"), angles));
    }

    private void modulate() {
        NDArray shift = fixture.in("shift").expandDims(1);
        out.check(
                "y",
                Kernels.modulate(fixture.in("x"), shift, fixture.in("scale").expandDims(1)));
    }

    private void tokenModulate() {
        NDArray x = fixture.in("x");
        long rows = keys.require("rows").asLong();
        NDArray shift = AdaLN.expand(fixture.in("shift"), rows);
        NDArray scale = AdaLN.expand(fixture.in("scale"), rows);
        out.check("y", Kernels.modulate(x, shift, scale));
        out.check("gated", Kernels.gatedResidual(x.zerosLike(), scale, x));
        if (fixture.in("scale").getShape().get(1)
                != keys.require("condition_rows").asLong()) {
            out.fail("condition_rows: expected the rows of in/scale, got another number");
        }
    }

    private void finalLayer(FinalLayer.Norm norm) {
        int width = integer("hidden_size");
        int patch = integer("patch_size");
        FinalLayer layer = load(new FinalLayer(width, width, patch * patch * integer("out_channels"), norm));
        out.check("y", layer.forward(fixture.in("x"), fixture.in("c")));
    }

    private void patches() {
        int patch = integer("patch_size");
        keys.require("input_size");
        PatchEmbed layer = load(PatchEmbed.xavier(integer("in_channels"), integer("hidden_size"), patch));
        out.check("y", layer.forward(fixture.in("x")));
        out.check("image", Unpatchify.toLatent(fixture.in("tokens"), patch));
    }

    private void block() {
        int width = integer("hidden_size");
        int heads = integer("num_heads");
        double ratio = keys.require("mlp_ratio").asDouble();
        BlockConfig cfg = new BlockConfig(
                width,
                width,
                heads,
                ratio,
                bool("use_qknorm"),
                bool("use_swiglu"),
                bool("use_rmsnorm"),
                !keys.optional("wo_shift").asBoolean(false),
                keys.optional("attn_with_bias").asBoolean(false),
                true);
        LightningDiTBlock layer = load(new LightningDiTBlock(cfg));
        NDArray angles = RotaryTable.of(width / heads, integer("pt_seq_len"), 0).on(fixture.manager());
        out.check("y", layer.forward(fixture.in("x"), fixture.in("c"), angles));
    }

    private static BlockConfig plain(int width) {
        return new BlockConfig(width, width, 1, 4, false, true, true, true, false, true);
    }

    private <L extends Layer> L load(L layer) {
        ModelParity.load(fixture, layer, "");
        return layer;
    }

    private int integer(String key) {
        return keys.require(key).intValue();
    }

    private boolean bool(String key) {
        return keys.require(key).booleanValue();
    }
}
