// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * The arrays of one step: everything made in the scope is freed when it closes, except what {@link #keep} lets out.
 *
 * <pre>{@code
 * try (TensorScope step = TensorScope.under(run)) {
 *     NDArray x = EngineArray.of(step.manager(), pixels, shape);
 *     return step.keep(model.forward(x));
 * }
 * }</pre>
 */
public final class TensorScope implements AutoCloseable {
    private final NDManager parent;
    private final NDManager manager;

    private TensorScope(NDManager parent) {
        this.parent = parent;
        manager = parent.newSubManager();
    }

    /** Opens a scope whose kept arrays go to {@code parent}. */
    public static TensorScope under(NDManager parent) {
        return new TensorScope(parent);
    }

    /** The same values under a handle that belongs to {@code owner}, so that what is computed from it does too. */
    public static NDArray view(NDArray array, NDManager owner) {
        NDArray view = array.reshape(array.getShape());
        view.attach(owner);
        return view;
    }

    /** A {@link #view} that belongs to this scope. */
    public NDArray borrow(NDArray array) {
        return view(array, manager);
    }

    /** The manager that owns the scope's arrays. */
    public NDManager manager() {
        return manager;
    }

    /** Hands an array to the parent, so that it outlives the scope. */
    public NDArray keep(NDArray array) {
        array.attach(parent);
        return array;
    }

    @Override
    public void close() {
        manager.close();
    }
}
