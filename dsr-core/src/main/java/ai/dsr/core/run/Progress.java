// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.run;

import java.io.Console;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The progress of long work: a bar with rate and time left on a terminal, a log line every ten seconds elsewhere.
 *
 * <pre>{@code
 * try (Progress progress = Progress.start("Encoding", images.size())) {
 *     progress.step(batch.size());
 * }
 * }</pre>
 *
 * <p>{@link #step} and {@link #message} may be called by several threads.
 */
public abstract class Progress implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
    private static final Progress SILENT = new Silent();
    private static final int REDRAW_MILLIS = 200;
    private static final int FIRST_JAVA_WITH_IS_TERMINAL = 22;

    Progress() {}

    /** Begins a display; {@code Progress::start} and {@code (task, total) -> Progress.silent()} are the usual ones. */
    @FunctionalInterface
    public interface Factory {
        /** Begins to show {@code total} units of {@code task}. */
        Progress start(String task, long total);
    }

    /**
     * Begins to show a task; to be closed when it ends, also by an exception.
     *
     * @param task what is done, such as {@code "Encoding"}
     * @param total units of work, 0 or more, or -1 if unknown
     */
    public static Progress start(String task, long total) {
        return start(task, total, 0);
    }

    /**
     * Begins to show a task that goes on where an earlier run stopped.
     *
     * @param done units that were done before; they count for the share, not for the rate
     */
    public static Progress start(String task, long total, long done) {
        if (total < -1) {
            throw new IllegalArgumentException("total: expected 0 or more, or -1 for unknown, got " + total);
        }
        return isTerminal()
                ? new Bar(task, total, done)
                : new ProgressLines(task, total, done, System::nanoTime, LOG::info);
    }

    /** A progress that shows nothing. */
    public static Progress silent() {
        return SILENT;
    }

    /** Reports {@code units} more units done, 0 or more. */
    public abstract void step(long units);

    /** Shows a short text, such as the current loss, beside the numbers; an empty one removes it. */
    public abstract void message(String text);

    /** Ends the display. */
    @Override
    public abstract void close();

    /** Whether a person watches; from Java 22 on a console exists always and has to be asked. */
    @SuppressWarnings("SystemConsoleNull") // the versions in which null means "no terminal" are told apart here
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null || Runtime.version().feature() < FIRST_JAVA_WITH_IS_TERMINAL) {
            return console != null;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("console: expected a method isTerminal in Java 22 and later", e);
        }
    }

    private static final class Bar extends Progress {
        private final ProgressBar bar;

        Bar(String task, long total, long done) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .startsFrom(done, Duration.ZERO)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(REDRAW_MILLIS)
                    .showSpeed()
                    .build();
        }

        @Override
        public void step(long units) {
            bar.stepBy(units);
        }

        @Override
        public void message(String text) {
            bar.setExtraMessage(text.isEmpty() ? "" : " " + text);
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    private static final class Silent extends Progress {
        @Override
        public void step(long units) {}

        @Override
        public void message(String text) {}

        @Override
        public void close() {}
    }
}
