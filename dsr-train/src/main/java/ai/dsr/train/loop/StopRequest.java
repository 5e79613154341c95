// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import java.util.concurrent.atomic.AtomicBoolean;

/** Asks a running loop, from another thread, to finish its step, write a checkpoint and return. */
public final class StopRequest {
    private final AtomicBoolean requested = new AtomicBoolean();
    private volatile boolean running;

    /**
     * Asks once.
     *
     * @return whether a loop will heed it: false if none is running, or it was asked before
     */
    public boolean request() {
        return running && requested.compareAndSet(false, true);
    }

    /** Whether a loop was asked to stop. */
    public boolean isRequested() {
        return requested.get();
    }

    /** Told by the loop: from now on, or no longer, there is someone to ask. */
    void setRunning(boolean value) {
        running = value;
    }
}
