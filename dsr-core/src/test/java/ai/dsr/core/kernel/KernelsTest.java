// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class KernelsTest {
    private static final double EPS = 1e-5;

    @Test
    void linearIsAMatrixProductPlusBias(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(
                in -> Kernels.linear(in.get(0), in.get(1), in.get(2)),
                in -> product(in).add(in.get(2)),
                check.input(2, 3, 4),
                check.input(5, 4),
                check.input(5));
        check.agree(
                in -> Kernels.linear(in.get(0), in.get(1), null),
                KernelsTest::product,
                check.input(2, 3, 4),
                check.input(5, 4));
    }

    @Test
    void aScaleKeepsTheType(NDManager manager) {
        NDArray x = manager.create(1.5f);
        assertEquals(DataType.FLOAT32, Kernels.scale(x, 0.1).getDataType());
        assertEquals(1.5f * 0.1f, Kernels.scale(x, 0.1).getFloat());
    }

    @Test
    void activationsFollowTheirFormulas(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray x = check.input(3, 8);
        check.agree(in -> Kernels.silu(in.get(0)), in -> silu(in.get(0)), x);
        check.agree(
                in -> Kernels.gelu(in.get(0)),
                in -> Kernels.scale(
                        in.get(0)
                                .mul(Kernels.scale(in.get(0), Math.sqrt(0.5))
                                        .erf()
                                        .add(1)),
                        0.5),
                x);
        check.agree(in -> Kernels.geluTanh(in.get(0)), in -> geluTanh(in.get(0)), x);
        check.agree(
                in -> Kernels.swiGlu(in.get(0)),
                in -> silu(in.get(0).get(":, :4")).mul(in.get(0).get(":, 4:")),
                x);
    }

    @Test
    void embeddingPicksRowsAndAddsUpTheirGradients(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray ids = manager.create(new long[] {2, 0, 2, 1}, new Shape(2, 2));
        NDArray table = check.input(4, 3);
        try (Autograd tape = Autograd.record()) {
            NDArray rows = Kernels.embedding(ids, table);
            TensorAssert.assertSame(table.stopGradient().get(2), rows.get(0, 0));
            NDArray gradient = tape.gradients(rows.sum(), new NDList(table)).get(0);
            TensorAssert.assertSame(
                    manager.create(new float[] {1, 1, 1, 1, 1, 1, 2, 2, 2, 0, 0, 0}, new Shape(4, 3)), gradient);
        }
    }

    @Test
    void rootMeanSquareNormFollowsItsFormulaWithAndWithoutModulation(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray x = check.input(2, 3, 4);
        NDArray weight = check.input(4);
        check.agree(
                in -> Kernels.rmsNorm(in.get(0), in.get(1), EPS),
                in -> rms(in.get(0)).mul(in.get(1)),
                x,
                weight);
        check.agree(
                in -> Kernels.rmsNormModulate(in.get(0), in.get(1), in.get(2), in.get(3), EPS),
                in -> rms(in.get(0)).mul(in.get(1)).mul(in.get(3).add(1)).add(in.get(2)),
                x,
                weight,
                check.input(2, 1, 4),
                check.input(2, 1, 4));
    }

    @Test
    void layerNormUsesTheBiasedVariance(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray x = check.input(2, 3, 4);
        check.agree(in -> Kernels.layerNorm(in.get(0), null, null, EPS), in -> standardised(in.get(0)), x);
        check.agree(
                in -> Kernels.layerNorm(in.get(0), in.get(1), in.get(2), EPS),
                in -> standardised(in.get(0)).mul(in.get(1)).add(in.get(2)),
                x,
                check.input(4),
                check.input(4));
    }

    @Test
    void modulationAndGateBroadcastOverTokens(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray x = check.input(2, 3, 4);
        NDArray perSample = check.input(2, 1, 4);
        check.agree(
                in -> Kernels.modulate(in.get(0), in.get(1), in.get(2)),
                in -> in.get(0).mul(in.get(2).add(1)).add(in.get(1)),
                x,
                perSample,
                check.input(2, 1, 4));
        check.agree(
                in -> Kernels.gatedResidual(in.get(0), in.get(1), in.get(2)),
                in -> in.get(0).add(in.get(1).mul(in.get(2))),
                x,
                perSample,
                check.input(2, 3, 4));
    }

    @Test
    void unbindGivesEverySliceOfAnAxis(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray x = check.input(2, 3, 4);
        assertEquals(3, Kernels.unbind(x, 1).size());
        check.agree(
                in -> Kernels.unbind(in.get(0), 1)
                        .get(2)
                        .mul(Kernels.unbind(in.get(0), 1).get(0)),
                in -> in.get(0).get(":, 2").mul(in.get(0).get(":, 0")),
                x);
    }

    @Test
    void rotationTurnsNeighbouringPairsAndKeepsTheirLength(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray angles = check.constant(3, 2);
        NDArray table = NDArrays.stack(new NDList(angles.cos(), angles.sin()), 2);
        NDArray x = check.input(2, 3, 2, 4);
        check.agree(in -> Kernels.rotatePairs(in.get(0), table), in -> rotated(in.get(0), table), x);
        TensorAssert.assertClose(
                x.stopGradient().square().sum(),
                Kernels.rotatePairs(x, table).square().sum(),
                0,
                1e-5);
    }

    @Test
    void attentionIsTheSoftmaxFormulaInBothLayouts(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray q = check.input(2, 3, 2, 4);
        NDArray k = check.input(2, 5, 2, 4);
        NDArray v = check.input(2, 5, 2, 4);
        check.agree(in -> Kernels.attention(in.get(0), in.get(1), in.get(2)), KernelsTest::attention, q, k, v);
        check.agree(
                in -> Kernels.attention(in.get(0), in.get(1), in.get(2), 2),
                in -> attention(new NDList(split(in.get(0)), split(in.get(1)), split(in.get(2)))),
                check.input(2, 3, 8),
                check.input(2, 5, 8),
                check.input(2, 5, 8));
    }

    @Test
    void tokensAreInsertedIntoEverySample(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray x = check.input(2, 3, 4);
        NDArray rows = check.input(1, 2, 4);
        for (int at = 0; at <= 3; at++) {
            int position = at;
            check.agree(
                    in -> Kernels.insertRows(in.get(0), in.get(1), position),
                    in -> inserted(in.get(0), in.get(1), position),
                    x,
                    rows);
        }
        check.agree(
                in -> Kernels.prepend(in.get(0), in.get(1), in.get(2)),
                in -> inserted(in.get(0), in.get(1).add(in.get(2)), 0),
                x,
                rows,
                check.input(1, 2, 4));
    }

    @Test
    void aSinkIsOneMoreRowForEveryHead(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(
                in -> Kernels.prependSink(in.get(0), in.get(1)),
                in -> in.get(1).transpose(0, 2, 1, 3).broadcast(2, 1, 3, 4).concat(in.get(0), 1),
                check.input(2, 5, 3, 4),
                check.input(1, 3, 1, 4));
    }

    @Test
    void theLowerMedianIsTheSmallerMiddleValue(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        for (int width : new int[] {4, 5}) {
            int middle = (width - 1) / 2;
            check.agree(
                    in -> Kernels.lowerMedian(in.get(0)),
                    in -> in.get(0).sort(1).get(new NDIndex(":, {}:{}", middle, middle + 1)),
                    check.input(3, width));
        }
        TensorAssert.assertSame(
                manager.create(new float[] {2}), Kernels.lowerMedian(manager.create(new float[] {3, 1, 2, 9})));
    }

    @Test
    void theNormKeepsItsAxis(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        for (int axis : new int[] {1, 2}) {
            check.agree(
                    in -> Kernels.norm(in.get(0), axis),
                    in -> in.get(0).square().sum(new int[] {axis}, true).sqrt(),
                    check.input(2, 3, 4));
        }
    }

    @Test
    void operandsThatDoNotFitAreRefusedByTheEngine(NDManager manager) {
        NDArray x = manager.ones(new Shape(2, 3));
        assertThrows(EngineException.class, () -> Kernels.linear(x, manager.ones(new Shape(5, 4)), null));
        assertThrows(EngineException.class, () -> Kernels.unbind(x, 2));
    }

    private static NDArray product(NDList in) {
        return in.get(0).matMul(in.get(1).transpose());
    }

    private static NDArray silu(NDArray x) {
        return x.div(x.neg().exp().add(1));
    }

    private static NDArray geluTanh(NDArray x) {
        NDArray cube = x.mul(x).mul(x);
        NDArray inner = Kernels.scale(x.add(Kernels.scale(cube, 0.044715)), Math.sqrt(2 / Math.PI));
        return Kernels.scale(x.mul(inner.tanh().add(1)), 0.5);
    }

    private static NDArray rms(NDArray x) {
        return x.div(x.square().mean(new int[] {2}, true).add(EPS).sqrt());
    }

    private static NDArray standardised(NDArray x) {
        NDArray centred = x.sub(x.mean(new int[] {2}, true));
        return centred.div(centred.square().mean(new int[] {2}, true).add(EPS).sqrt());
    }

    private static NDArray rotated(NDArray x, NDArray table) {
        NDArray pairs = x.reshape(2, 3, 2, 2, 2);
        NDArray a = pairs.get("..., 0");
        NDArray b = pairs.get("..., 1");
        NDArray cos = table.get("..., 0").expandDims(1);
        NDArray sin = table.get("..., 1").expandDims(1);
        NDList turned = new NDList(a.mul(cos).sub(b.mul(sin)), b.mul(cos).add(a.mul(sin)));
        return NDArrays.stack(turned, 4).reshape(x.getShape());
    }

    private static NDArray split(NDArray joined) {
        return joined.reshape(2, -1, 2, 4);
    }

    private static NDArray attention(NDList in) {
        NDArray q = in.get(0).transpose(0, 2, 1, 3);
        NDArray k = in.get(1).transpose(0, 2, 3, 1);
        NDArray weights = Kernels.scale(q.matMul(k), 0.5).softmax(3);
        return weights.matMul(in.get(2).transpose(0, 2, 1, 3))
                .transpose(0, 2, 1, 3)
                .reshape(2, 3, 8);
    }

    private static NDArray inserted(NDArray x, NDArray rows, long position) {
        NDArray before = x.get(new NDIndex(":, :{}", position));
        NDArray after = x.get(new NDIndex(":, {}:", position));
        NDArray repeated = rows.toType(DataType.FLOAT32, false).broadcast(2, 2, 4);
        return NDArrays.concat(new NDList(before, repeated, after), 1);
    }
}
