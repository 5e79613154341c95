// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Start-up of the PyTorch engine: the one place that sets its process-wide switches.
 *
 * <p>Every entry into the library passes through {@link #newManager}, so that DJL never calls home and the engine is
 * configured the same wherever it is first touched.
 */
public final class Torch {
    private static final String ENGINE = "PyTorch";

    static {
        // DJL looks up cloud metadata on start unless told not to.
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
        // The profiling executor makes the first calls of a kernel slow and later ones no faster: kernels are ATen
        // calls.
        System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
    }

    private Torch() {}

    /** Opens a root manager on the device; the caller closes it. */
    public static NDManager newManager(Device device) {
        return NDManager.newBaseManager(device, ENGINE);
    }

    /** Opens a root manager on the CPU; the caller closes it. */
    public static NDManager newManager() {
        return newManager(Device.cpu());
    }

    /** Sets the number of threads that one operator may use; 1 or more. */
    public static void setThreads(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: expected 1 or more, got " + threads);
        }
        newManager().close(); // loads the engine
        JniUtils.setNumThreads(threads);
    }

    /** The number of threads that one operator may use. */
    public static int threads() {
        newManager().close();
        return JniUtils.getNumThreads();
    }
}
