// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import java.util.concurrent.atomic.AtomicBoolean;

/** Asks a running loop, from another thread or ahead of time, to finish its step, write a checkpoint and return. */
public final class StopRequest {
    private final AtomicBoolean requested = new AtomicBoolean();
    private final long lastStep;
    private volatile boolean running;

    /** Nothing is asked yet. */
    public StopRequest() {
        this(Long.MAX_VALUE);
    }

    private StopRequest(long lastStep) {
        this.lastStep = lastStep;
    }

    /** Asks a loop to stop when so many steps are done. */
    public static StopRequest after(long steps) {
        return new StopRequest(steps);
    }

    /**
     * Asks once.
     *
     * @return whether a loop will heed it: false if none is running, or it was asked before
     */
    public boolean request() {
        return running && requested.compareAndSet(false, true);
    }

    /** Whether a loop that has done so many steps should stop. */
    boolean isRequested(long steps) {
        return requested.get() || steps >= lastStep;
    }

    /** Told by the loop: from now on, or no longer, there is someone to ask. */
    void setRunning(boolean value) {
        running = value;
    }
}
