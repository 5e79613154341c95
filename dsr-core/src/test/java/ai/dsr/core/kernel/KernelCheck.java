// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertSame;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.TensorAssert;
import java.util.function.Function;

/** Compares a kernel with the same formula in plain operators: value, owner and the gradient of every input. */
final class KernelCheck {
    private static final double ATOL = 2e-6;
    private static final double RTOL = 2e-5;

    private final NDManager manager;
    private final RandomStream random = SeedTree.of(7).stream();

    KernelCheck(NDManager manager) {
        this.manager = manager;
    }

    /** Standard normals of the shape, marked for differentiation. */
    NDArray input(long... shape) {
        NDArray array = constant(shape);
        array.setRequiresGradient(true);
        return array;
    }

    /** Standard normals of the shape. */
    NDArray constant(long... shape) {
        Shape s = new Shape(shape);
        return manager.create(random.normals((int) s.size()), s);
    }

    /** Fails unless both give the same value and the same gradients of a random projection of it. */
    void agree(Function<NDList, NDArray> kernel, Function<NDList, NDArray> formula, NDArray... inputs) {
        NDList list = new NDList(inputs);
        NDArray direction = null;
        NDList[] results = new NDList[2];
        for (int i = 0; i < 2; i++) {
            try (Autograd tape = Autograd.record()) {
                NDArray value = (i == 0 ? kernel : formula).apply(list);
                direction = direction == null ? constant(value.getShape().getShape()) : direction;
                NDList gradients = tape.gradients(value.mul(direction).sum(), list);
                results[i] = new NDList(value).addAll(gradients);
            }
        }
        assertSame(inputs[0].getManager(), results[0].get(0).getManager());
        for (int i = 0; i < results[0].size(); i++) {
            TensorAssert.assertClose(results[1].get(i), results[0].get(i), ATOL, RTOL);
        }
    }
}
