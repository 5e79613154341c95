// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class AutogradTest {
    @Test
    void gradientsComeInOrderWithZerosForWhatIsNotUsed(NDManager manager) {
        NDArray a = weight(manager, 2, 3);
        NDArray unused = weight(manager, 4, 5);
        NDArray b = weight(manager, 2, 3);
        try (Autograd tape = Autograd.record()) {
            NDArray loss = a.mul(b).sum();
            NDList gradients = tape.gradients(loss, new NDList(b, unused, a));

            TensorAssert.assertSame(a.stopGradient(), gradients.get(0));
            TensorAssert.assertSame(manager.zeros(new Shape(4, 5)), gradients.get(1));
            TensorAssert.assertSame(b.stopGradient(), gradients.get(2));
            assertEquals(loss.getManager(), gradients.get(0).getManager());
        }
    }

    @Test
    void constantsAreNotRecorded(NDManager manager) {
        NDArray a = weight(manager, 2, 3);
        try (Autograd tape = Autograd.record()) {
            NDArray constant = Autograd.constant(() -> {
                assertEquals(null, Autograd.current());
                return a.square();
            });
            assertEquals(tape, Autograd.current());
            NDArray loss = a.mul(constant).sum();
            TensorAssert.assertSame(
                    constant, tape.gradients(loss, new NDList(a)).get(0));
        }
        assertEquals(null, Autograd.current());
    }

    @Test
    void aScaleSurvivesTheGarbageCollector(NDManager manager) {
        NDArray a = weight(manager, 2, 3);
        float[] expected = new float[6];
        Arrays.fill(expected, 0.375f);
        for (int round = 0; round < 10; round++) {
            try (Autograd tape = Autograd.record()) {
                NDArray loss = Kernels.scale(a, 0.375).sum();
                System.gc();
                manager.create(new float[64]); // takes the place of a freed number, if there is one
                assertArrayEquals(
                        expected, tape.gradients(loss, new NDList(a)).get(0).toFloatArray());
            }
        }
    }

    @Test
    void gradientsOfTransposedWeightsAreContiguousAndOfTheWeightsShape(NDManager manager) {
        NDArray weight = weight(manager, 3, 2);
        NDArray x = manager.arange(2f).reshape(1, 2);
        try (Autograd tape = Autograd.record()) {
            NDArray loss = x.matMul(weight.transpose()).sum(); // its gradient arrives transposed
            NDList gradients = tape.gradients(loss, new NDList(weight));
            NDList moments = new NDList(manager.zeros(new Shape(3, 2)));
            NDList squares = new NDList(manager.zeros(new Shape(3, 2)));
            float[] before = weight.toFloatArray();
            OptimizerKernels.adamWInPlace(
                    new NDList(weight.stopGradient()),
                    gradients,
                    new OptimizerKernels.AdamWMoments(moments, squares),
                    manager.create(1f),
                    new OptimizerKernels.AdamWRule(0.5, 0, 0, 1e-8, 0));
            float[] after = weight.toFloatArray();

            assertEquals(new Shape(3, 2), gradients.get(0).getShape());
            for (int i = 0; i < after.length; i++) {
                assertEquals(before[i] - (i % 2 == 0 ? 0 : 0.5), after[i], 1e-6, "element " + i);
            }
        }
    }

    @Test
    void aLossThatIsNoScalarIsRefused(NDManager manager) {
        NDArray a = weight(manager, 2);
        try (Autograd tape = Autograd.record()) {
            IllegalArgumentException error =
                    assertThrows(IllegalArgumentException.class, () -> tape.gradients(a.mul(2), new NDList(a)));
            assertEquals("loss: expected a scalar, got (2)", error.getMessage());
        }
    }

    @Test
    void theModeIsRestoredAfterCloseAlsoAfterAnExceptionAndWhenNested(NDManager manager) {
        boolean before = JniUtils.isGradMode();
        NDArray a = weight(manager, 2);
        assertThrows(IllegalArgumentException.class, () -> {
            try (Autograd tape = Autograd.record()) {
                assertTrue(JniUtils.isGradMode());
                tape.gradients(a.mul(2), new NDList(a)); // no scalar
            }
        });
        assertEquals(before, JniUtils.isGradMode());
        JniUtils.setGradMode(false);
        try (Autograd outer = Autograd.record()) {
            try (Autograd inner = Autograd.record()) {
                assertNotSame(outer, inner);
            }
            assertTrue(JniUtils.isGradMode());
        } finally {
            assertFalse(JniUtils.isGradMode());
            JniUtils.setGradMode(before);
        }
    }

    @Test
    void aRetainedGraphCanBeDifferentiatedAgainAndAFreedOneCannot(NDManager manager) {
        NDArray a = weight(manager, 3);
        NDList inputs = new NDList(a);
        try (Autograd tape = Autograd.record()) {
            NDArray loss = a.square().sum();
            NDArray first = tape.gradients(loss, inputs, true).get(0);
            TensorAssert.assertSame(first, tape.gradients(loss, inputs).get(0));
            assertThrows(EngineException.class, () -> tape.gradients(loss, inputs));
        }
    }

    @Test
    void twoThreadsMayRecordAtTheSameTime() throws InterruptedException {
        CyclicBarrier together = new CyclicBarrier(2);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        Thread[] threads = new Thread[2];
        for (int t = 0; t < threads.length; t++) {
            float factor = t + 2;
            threads[t] = new Thread(() -> recordOften(factor, together, failures), "autograd-test-" + t);
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(failures.isEmpty(), failures::toString);
    }

    private static void recordOften(float factor, CyclicBarrier together, Queue<Throwable> failures) {
        try (NDManager manager = Torch.newManager()) {
            NDArray a = weight(manager, 4);
            for (int i = 0; i < 50; i++) {
                together.await();
                try (Autograd tape = Autograd.record()) {
                    NDArray gradient = tape.gradients(
                                    Kernels.silu(a).add(a.mul(factor)).sum(), new NDList(a))
                            .get(0);
                    NDArray silu =
                            tape.gradients(Kernels.silu(a).sum(), new NDList(a)).get(0);
                    TensorAssert.assertClose(silu.add(factor), gradient, 1e-6, 1e-6);
                }
            }
        } catch (Throwable e) { // the test's own thread reports it
            failures.add(e);
            together.reset();
        }
    }

    private static NDArray weight(NDManager manager, long... shape) {
        NDArray array = manager.arange((float) new Shape(shape).size()).add(1).reshape(shape);
        array.setRequiresGradient(true);
        return array;
    }
}
