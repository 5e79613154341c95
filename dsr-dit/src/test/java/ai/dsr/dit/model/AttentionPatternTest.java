// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Config;
import ai.dsr.dit.TestArrays;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The read-out of attention is that of the attention that runs. */
@ExtendWith(LeakCheck.class)
class AttentionPatternTest {
    private static final int TOKENS = 9;
    private static final int HEADS = 2;

    @ParameterizedTest
    @CsvSource({"true,true,true", "true,false,true", "false,true,true", "true,true,false", "false,false,false"})
    void thePatternTimesTheValuesIsTheAttention(boolean qkNorm, boolean rmsnorm, boolean sinks, NDManager manager) {
        BlockConfig config = new BlockConfig(16, 16, HEADS, 4, qkNorm, true, rmsnorm, true, sinks, true);
        NormAttention attention = new NormAttention(config, true);
        TestArrays.randomize(attention, manager, 1);
        NDArray x = TestArrays.normal(manager, 2, 3, TOKENS, 16);
        NDArray rotary = RotaryTable.of(8, 3, 0).on(manager);
        NDArray pattern = attention.pattern(x, rotary);
        int sink = sinks ? 1 : 0;
        assertEquals(sink, attention.sinks());
        assertEquals(new Shape(3, HEADS, TOKENS, sink + TOKENS), pattern.getShape());

        Map<String, NDArray> w = attention.arrays();
        NDArray v = linear(x, w.get("qkv.weight").get("32:"), w.get("qkv.bias").get("32:"));
        NDArray values = v.reshape(3, TOKENS, HEADS, 8).transpose(0, 2, 1, 3); // (B, K, N, d)
        if (sinks) {
            NDArray extra = w.get("v_bias");
            values = extra.concat(extra).concat(extra).concat(values, 2);
        }
        NDArray joined = pattern.matMul(values).transpose(0, 2, 1, 3).reshape(3, TOKENS, 16);
        NDArray want = linear(joined, w.get("proj.weight"), w.get("proj.bias"));
        TensorAssert.assertClose(want, attention.forward(x, rotary), 1e-5, 1e-4);
    }

    private static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return x.matMul(weight.transpose()).add(bias);
    }

    @Test
    void aTapGetsTheAttentionOfTheBlocksItAsksFor(NDManager manager) {
        LightningDiT model = new LightningDiT(DiTConfig.of(4, 5, 6, 16, 3, 2).withRegisters(9, 1));
        TestArrays.randomize(model, manager, 3);
        NDArray x = TestArrays.normal(manager, 4, 2, 5, 4, 4);
        NDArray t = manager.create(new float[] {0.3f, 0.6f});
        NDArray y = manager.create(new long[] {0, 5});
        Map<String, NDArray> seen = new LinkedHashMap<>();
        NDArray out = model.forward(x, t, y, new ActivationTap() {
            @Override
            public void accept(String name, NDArray value) {
                seen.put(name, value);
            }

            @Override
            public boolean wantsAttention(int block) {
                return block != 1;
            }
        });
        TensorAssert.assertSame(model.forward(x, t, y), out);
        assertEquals(
                List.of("cond", "block_input.0", "attention.0", "block.0", "block.1", "attention.2", "block.2"),
                List.copyOf(seen.keySet()));
        assertEquals(new Shape(2, 2, 16, 16), seen.get("attention.0").getShape());
        assertEquals(new Shape(2, 2, 25, 25), seen.get("attention.2").getShape());
        NDArray sums = seen.get("attention.2").sum(new int[] {3});
        TensorAssert.assertClose(sums.onesLike(), sums, 1e-5, 0);
    }

    @Test
    void theHeadOfAWideModelShowsWhatGoesIntoIt(NDManager manager) {
        String keys =
                "{input_size: 4, patch_size: 1, in_channels: 5, hidden_size: [16, 24], depth: [2, 1], num_heads: [2, 2],"
                        + " mlp_ratio: 2, class_dropout_prob: 0.1, num_classes: 6, use_qknorm: true, use_swiglu: true,"
                        + " use_rope: true, use_rmsnorm: true, wo_shift: false}";
        DiTDH model = new DiTDH(Config.parse(keys, "model").bind("", DiTDHConfig.class));
        TestArrays.randomize(model, manager, 3);
        Map<String, Shape> seen = new LinkedHashMap<>();
        model.forward(
                TestArrays.normal(manager, 4, 2, 5, 4, 4),
                manager.create(new float[] {0.3f, 0.6f}),
                manager.create(new long[] {0, 5}),
                (name, value) -> seen.put(name, value.getShape()));
        assertEquals(new Shape(2, 16, 16), seen.get("block_input.0"));
        assertEquals(new Shape(2, 16, 24), seen.get("block_input.2"));
    }
}
