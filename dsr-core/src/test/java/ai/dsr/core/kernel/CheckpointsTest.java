// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Parts that are run twice give the gradients of parts that are run once. */
@ExtendWith(LeakCheck.class)
class CheckpointsTest {
    private static final int WIDTH = 7;
    private static final int PARTS = 3;

    private int runs;

    private static NDArray normal(NDManager manager, String name, long... shape) {
        int count = (int) new Shape(shape).size();
        NDArray array = manager.create(SeedTree.of(3).child(name).stream().normals(count), new Shape(shape));
        array.setRequiresGradient(true);
        return array;
    }

    /** Layers that all read {@code c}, which comes from two weights, one of them read again behind the layers. */
    private NDList gradients(NDManager manager, boolean isCheckpointed) {
        NDList weights = new NDList();
        for (int i = 0; i < PARTS; i++) {
            weights.add(normal(manager, "w" + i, WIDTH, WIDTH));
        }
        NDArray first = normal(manager, "first", WIDTH);
        NDArray second = normal(manager, "second", WIDTH);
        NDArray unused = normal(manager, "unused", WIDTH);
        NDArray x = normal(manager, "x", 5, WIDTH);
        x.setRequiresGradient(false);
        try (Autograd tape = Autograd.record()) {
            NDArray when = boundary(isCheckpointed, x.mul(first).tanh());
            NDArray c = boundary(isCheckpointed, when.mul(second).sin());
            NDArray h = x.duplicate();
            for (int i = 0; i < PARTS; i++) {
                NDArray weight = weights.get(i);
                h = isCheckpointed
                        ? Checkpoints.run(in -> layer(in[0], in[1], weight), h, c, null)
                        : layer(h, c, weight);
            }
            NDArray loss = h.mul(when).add(c).square().mean();
            NDList all = new NDList(weights).addAll(new NDList(first, second, unused));
            return tape.gradients(loss, all);
        }
    }

    private static NDArray boundary(boolean isCheckpointed, NDArray value) {
        return isCheckpointed ? Checkpoints.boundary(value) : value;
    }

    private NDArray layer(NDArray h, NDArray c, NDArray weight) {
        runs++;
        NDArray mixed = Kernels.linear(h.mul(c), weight, null).tanh();
        return h.add(mixed.mul(c.tanh()));
    }

    @Test
    void gradientsAreThoseOfThePlainComputationToTheBit(NDManager manager) {
        NDList plain = gradients(manager, false);
        assertEquals(PARTS, runs);
        NDList twice = gradients(manager, true);
        assertEquals(3 * PARTS, runs);
        assertEquals(plain.size(), twice.size());
        for (int i = 0; i < plain.size(); i++) {
            TensorAssert.assertSame(plain.get(i), twice.get(i));
        }
        assertEquals(0, twice.get(PARTS + 2).abs().max().getFloat());
    }

    @Test
    void oneArrayMayBeTwoInputs(NDManager manager) {
        NDArray weight = normal(manager, "w", WIDTH);
        NDArray x = normal(manager, "x", WIDTH);
        try (Autograd tape = Autograd.record()) {
            NDArray a = x.mul(weight);
            NDArray product = Checkpoints.run(in -> in[0].mul(in[1]), a, a);
            NDArray gradient = tape.gradients(product.sum(), new NDList(weight)).get(0);
            TensorAssert.assertClose(x.square().mul(weight).mul(2), gradient, 1e-6, 1e-6);
        }
    }

    @Test
    void withoutARecordingAPartIsAFunction(NDManager manager) {
        NDArray x = normal(manager, "x", WIDTH);
        assertSame(x, Checkpoints.boundary(x));
        NDArray doubled = Checkpoints.run(in -> in[0].mul(2), x);
        TensorAssert.assertSame(x.mul(2), doubled);
        assertFalse(doubled.hasGradient());
    }

    @Test
    void nothingOfAPartStaysBehind(NDManager manager) {
        NDArray weight = normal(manager, "w", WIDTH);
        NDArray x = normal(manager, "x", WIDTH);
        try (NDManager step = manager.newSubManager();
                Autograd tape = Autograd.record()) {
            NDArray a = x.reshape(WIDTH);
            a.attach(step);
            NDArray b = Checkpoints.run(in -> in[0].mul(weight).sin().cos().exp(), a);
            assertEquals(3, step.getManagedArrays().size(), "the input, its leaf and the result");
            tape.gradients(b.sum(), new NDList(weight));
        }
    }
}
