// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.run;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Progress as plain lines: at most one every ten seconds, written by whoever steps, and one at the end. */
final class ProgressLines extends Progress {
    private static final long INTERVAL = Duration.ofSeconds(10).toNanos();
    private static final double NANOS = 1e9;

    private final String task;
    private final long total;
    private final long before;
    private final LongSupplier clock;
    private final Consumer<String> sink;
    private final long begin;
    private long lastLine;
    private long done;
    private String message = "";
    private boolean closed;

    /**
     * @param total units, or -1 if unknown
     * @param before units that were done before this began
     * @param clock nanoseconds from any origin
     */
    ProgressLines(String task, long total, long before, LongSupplier clock, Consumer<String> sink) {
        this.task = task;
        this.total = total;
        this.before = before;
        this.clock = clock;
        this.sink = sink;
        done = before;
        begin = clock.getAsLong();
        lastLine = begin;
    }

    @Override
    public synchronized void step(long units) {
        done += units;
        long now = clock.getAsLong();
        if (now - lastLine >= INTERVAL) {
            lastLine = now;
            double rate = rate(now);
            String left = total >= done && rate > 0 ? ", " + clockTime((total - done) / rate) + " left" : "";
            sink.accept(task + ": " + count() + ", " + perSecond(rate) + left + suffix());
        }
    }

    @Override
    public synchronized void message(String text) {
        message = text;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            long now = clock.getAsLong();
            sink.accept(task + ": " + count() + " in " + clockTime((now - begin) / NANOS) + ", " + perSecond(rate(now))
                    + suffix());
        }
    }

    private double rate(long now) {
        return now > begin ? (done - before) * NANOS / (now - begin) : 0;
    }

    private String count() {
        if (total <= 0) {
            return Long.toString(done);
        }
        return String.format(Locale.ROOT, "%d/%d (%d%%)", done, total, 100 * done / total);
    }

    private String suffix() {
        return message.isEmpty() ? "" : ", " + message;
    }

    private static String perSecond(double rate) {
        return String.format(Locale.ROOT, rate < 10 ? "%.2f/s" : "%.0f/s", rate);
    }

    private static String clockTime(double seconds) {
        long whole = Math.round(seconds);
        return String.format(Locale.ROOT, "%02d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
    }
}
