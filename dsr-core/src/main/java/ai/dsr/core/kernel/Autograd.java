// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import ai.dsr.core.tensor.EngineArray;
import java.util.function.Supplier;

/**
 * Records a computation on the calling thread and differentiates it.
 *
 * <pre>{@code
 * try (Autograd tape = Autograd.record()) {
 *     NDArray loss = model.forward(x).square().mean();
 *     NDList grads = tape.gradients(loss, weights);
 * }
 * }</pre>
 *
 * <p>Gradients are results, not state of the weights: nothing is accumulated, so nothing has to be cleared, and
 * several threads may each record a replica of their own. Arrays take part when {@code setRequiresGradient(true)} was
 * called on them or when they were computed from such arrays.
 *
 * <p>A recording keeps the engine's own memory alive, but not a Java buffer. So values enter it by {@link EngineArray},
 * and the operations that remember a number for the way back ({@code mul}, {@code div}, {@code pow}, {@code maximum} and
 * {@code minimum} of a {@link Number}, for which DJL makes an array in such a buffer and closes it at once) have no place
 * in it: their gradients are wrong whenever the garbage collector runs before the backward pass. Use
 * {@link Kernels#scale}.
 */
public final class Autograd implements AutoCloseable {
    private static final ThreadLocal<Autograd> CURRENT = new ThreadLocal<>();

    private final boolean before;
    private final Autograd outer;
    private final CheckpointTape checkpoints = new CheckpointTape();

    private Autograd(boolean isRecording) {
        ScriptModule.prepareThread();
        outer = CURRENT.get();
        setCurrent(isRecording ? this : null);
        before = JniUtils.isGradMode();
        JniUtils.setGradMode(isRecording);
    }

    private static void setCurrent(Autograd tape) {
        if (tape == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(tape);
        }
    }

    /** Starts recording on this thread until the result is closed. */
    public static Autograd record() {
        return new Autograd(true);
    }

    /** What {@code part} computes, as a constant: nothing of it is recorded. */
    public static NDArray constant(Supplier<NDArray> part) {
        Autograd pause = new Autograd(false);
        try {
            return part.get();
        } finally {
            pause.close();
        }
    }

    /** The recording of the calling thread; null if there is none or it pauses. */
    public static Autograd current() {
        return CURRENT.get();
    }

    /** What {@link Checkpoints} have cut out of this recording. */
    CheckpointTape checkpoints() {
        return checkpoints;
    }

    /** Gradients of a scalar for each input, in order; frees the recorded graph. */
    public NDList gradients(NDArray loss, NDList inputs) {
        return gradients(loss, inputs, false);
    }

    /**
     * Gradients of a scalar for each input, in order and shape; zeros for an input that the loss does not depend on.
     * They belong to the manager of the loss and may share memory with each other: read them, do not change them.
     *
     * @param retainGraph whether another call may differentiate the same computation again
     * @throws IllegalArgumentException if the loss is not a scalar
     */
    public NDList gradients(NDArray loss, NDList inputs, boolean retainGraph) {
        if (loss.size() != 1) {
            throw new IllegalArgumentException("loss: expected a scalar, got " + loss.getShape());
        }
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("inputs: expected at least one array that trains, got none");
        }
        if (!checkpoints.isEmpty()) {
            return checkpoints.gradients(loss, inputs);
        }
        return ScriptModule.run(
                loss.getManager(),
                "gradients",
                IValue.from((PtNDArray) loss),
                ScriptModule.list(inputs),
                IValue.from(retainGraph));
    }

    @Override
    public void close() {
        JniUtils.setGradMode(before);
        setCurrent(outer);
    }
}
