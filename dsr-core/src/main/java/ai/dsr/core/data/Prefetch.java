// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Work done ahead by several threads and handed out in order: images decoded while the engine encodes those before.
 *
 * <p>At most a fixed number of results wait, so memory stays bounded however slow the taker is. The results are the
 * same for any number of threads. To be used by one thread, and closed.
 *
 * @param <T> what the work gives
 */
public final class Prefetch<T> implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final IntFunction<T> work;
    private final int count;
    private final int ahead;
    private final ExecutorService threads;
    private final Deque<Future<T>> pending = new ArrayDeque<>();
    private int submitted;

    /**
     * Starts on the first items.
     *
     * @param count items 0 .. count - 1
     * @param workers threads
     * @param ahead how many items may be in work or waiting
     * @param work done on the threads; an exception is thrown again by {@link #next}
     */
    public Prefetch(int count, int workers, int ahead, IntFunction<T> work) {
        if (workers < 1 || ahead < 1) {
            throw new IllegalArgumentException("workers, ahead: expected 1 or more, got " + workers + " and " + ahead);
        }
        this.count = count;
        this.ahead = ahead;
        this.work = work;
        int number = NUMBER.incrementAndGet();
        AtomicInteger thread = new AtomicInteger();
        threads = Executors.newFixedThreadPool(workers, task -> {
            Thread worker = new Thread(task, "prefetch-" + number + "-" + thread.incrementAndGet());
            worker.setDaemon(true);
            return worker;
        });
        fill();
    }

    private void fill() {
        while (pending.size() < ahead && submitted < count) {
            int item = submitted++;
            pending.add(threads.submit(() -> work.apply(item)));
        }
    }

    /** Whether there is another result. */
    public boolean hasNext() {
        return !pending.isEmpty();
    }

    /**
     * The result of the next item, in order; waits for it.
     *
     * @throws RuntimeException what the work threw
     * @throws IllegalStateException if the thread is interrupted
     */
    public T next() {
        try {
            T result = pending.remove().get();
            fill();
            return result;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("prefetch: interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("prefetch: " + e.getCause(), e.getCause());
        }
    }

    /** Drops what is waiting and ends the threads. */
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("prefetch: expected the threads to end within a minute");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
