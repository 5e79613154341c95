// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Causal attention and rotation beside their plain formulas. */
@ExtendWith(LeakCheck.class)
class LanguageKernelsTest {
    private static final int TOKENS = 5;
    private static final int HEADS = 4;
    private static final int GROUPS = 2;
    private static final int WIDTH = 6;

    private static NDArray normal(NDManager manager, long seed, long... shape) {
        int count = (int) new Shape(shape).size();
        return manager.create(SeedTree.of(seed).stream().normals(count), new Shape(shape));
    }

    /** Row i of head h over the keys up to i, one by one. */
    private static NDArray plain(NDArray q, NDArray k, NDArray v, int firstKey) {
        NDManager manager = q.getManager();
        NDArray out = manager.zeros(new Shape(1, TOKENS, HEADS * WIDTH));
        for (int i = firstKey; i < TOKENS; i++) {
            for (int h = 0; h < HEADS; h++) {
                int g = h * GROUPS / HEADS;
                NDArray keys = k.get("0, {}:{}, {}", firstKey, i + 1, g); // (keys, d)
                NDArray values = v.get("0, {}:{}, {}", firstKey, i + 1, g);
                NDArray scores =
                        keys.mul(q.get("0, {}, {}", i, h)).sum(new int[] {1}).div(Math.sqrt(WIDTH));
                NDArray row = values.mul(scores.softmax(0).expandDims(1)).sum(new int[] {0});
                out.set(new NDIndex("0, {}, {}:{}", i, h * WIDTH, (h + 1) * WIDTH), row);
            }
        }
        return out;
    }

    @Test
    void aQueryReadsTheKeysOfItsGroupUpToItself(NDManager manager) {
        NDArray q = normal(manager, 1, 1, TOKENS, HEADS, WIDTH);
        NDArray k = normal(manager, 2, 1, TOKENS, GROUPS, WIDTH);
        NDArray v = normal(manager, 3, 1, TOKENS, GROUPS, WIDTH);
        TensorAssert.assertClose(plain(q, k, v, 0), LanguageKernels.causalAttention(q, k, v, null), 1e-5, 1e-5);
        NDArray all = manager.ones(new Shape(1, TOKENS)).toType(DataType.INT64, false);
        TensorAssert.assertClose(plain(q, k, v, 0), LanguageKernels.causalAttention(q, k, v, all), 1e-5, 1e-5);
    }

    @Test
    void paddingIsReadByItselfAlone(NDManager manager) {
        NDArray q = normal(manager, 1, 1, TOKENS, HEADS, WIDTH);
        NDArray k = normal(manager, 2, 1, TOKENS, GROUPS, WIDTH);
        NDArray v = normal(manager, 3, 1, TOKENS, GROUPS, WIDTH);
        NDArray mask = manager.create(new long[][] {{0, 0, 1, 1, 1}});
        NDArray got = LanguageKernels.causalAttention(q, k, v, mask);
        TensorAssert.assertClose(plain(q, k, v, 2).get(":, 2:"), got.get(":, 2:"), 1e-5, 1e-5);
        TensorAssert.assertClose(
                v.get("0, 1, 0"), got.get("0, 1, :{}", WIDTH), 1e-6, 1e-6); // nothing but its own value
    }

    @Test
    void theFirstHalfOfAHeadTurnsWithTheSecond(NDManager manager) {
        NDArray x = normal(manager, 4, 2, 3, 2, 4);
        NDArray angle = normal(manager, 5, 2, 3, 2);
        NDArray rotation = angle.cos().expandDims(3).concat(angle.sin().expandDims(3), 3);
        NDArray a = x.get("..., :2");
        NDArray b = x.get("..., 2:");
        NDArray cos = angle.cos().expandDims(2);
        NDArray sin = angle.sin().expandDims(2);
        NDArray want = a.mul(cos).sub(b.mul(sin)).concat(b.mul(cos).add(a.mul(sin)), 3);
        TensorAssert.assertClose(want, LanguageKernels.rotateHalves(x, rotation), 1e-6, 1e-6);
    }
}
