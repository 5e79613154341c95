// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;

/**
 * Prepares the process for the tensor engine: no usage tracking, no network.
 *
 * <p>The engine reads these switches once, when its first class loads, so every entry point of this package comes
 * through here before it touches the engine. A value given on the command line wins.
 */
public final class EngineSetup {
    static {
        setIfAbsent("OPT_OUT_TRACKING");
        setIfAbsent("ai.djl.offline");
    }

    private EngineSetup() {}

    /** Sets the switches if that has not happened yet. */
    public static void ensure() {
        // the static initializer has done it
    }

    /** Returns a new manager on the default device; the caller closes it. */
    public static NDManager newManager() {
        return NDManager.newBaseManager();
    }

    /** Returns a new manager on {@code device}; the caller closes it. */
    public static NDManager newManager(Device device) {
        return NDManager.newBaseManager(device);
    }

    private static void setIfAbsent(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, "true");
        }
    }
}
