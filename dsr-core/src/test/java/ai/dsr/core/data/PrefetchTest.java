// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PrefetchTest {
    @Test
    void resultsComeInOrderForAnyNumberOfThreads() {
        for (int workers : new int[] {1, 2, 5}) {
            Random random = new Random(workers);
            List<Integer> delays =
                    IntStream.range(0, 50).mapToObj(i -> random.nextInt(3)).toList();
            List<Integer> got = new ArrayList<>();
            try (Prefetch<Integer> squares = new Prefetch<>(50, workers, 7, i -> {
                pause(delays.get(i));
                return i * i;
            })) {
                while (squares.hasNext()) {
                    got.add(squares.next());
                }
            }
            assertEquals(IntStream.range(0, 50).map(i -> i * i).boxed().toList(), got);
        }
    }

    @Test
    void noMoreThanTheBoundIsDoneAhead() {
        AtomicInteger begun = new AtomicInteger();
        try (Prefetch<Integer> items = new Prefetch<>(100, 3, 4, i -> begun.incrementAndGet())) {
            for (int taken = 0; taken < 20; taken++) {
                pause(1);
                assertTrue(begun.get() <= taken + 4, "begun " + begun.get() + " with " + taken + " taken");
                items.next();
            }
        }
    }

    @Test
    void aFailureIsThrownWhereItsItemIsDue() {
        try (Prefetch<Integer> items = new Prefetch<>(5, 2, 5, i -> {
            if (i == 2) {
                throw new IllegalArgumentException("item 2");
            }
            return i;
        })) {
            assertEquals(0, items.next());
            assertEquals(1, items.next());
            assertEquals(
                    "item 2",
                    assertThrows(IllegalArgumentException.class, items::next).getMessage());
        }
    }

    @Test
    void closingEndsTheThreads() throws InterruptedException {
        Set<Thread> workers = ConcurrentHashMap.newKeySet();
        Prefetch<Integer> items = new Prefetch<>(1000, 2, 10, i -> {
            workers.add(Thread.currentThread());
            pause(1);
            return i;
        });
        items.next();
        items.close();
        assertFalse(workers.isEmpty());
        for (Thread thread : workers) {
            thread.join(10_000); // the pool has ended; its threads are about to
            assertFalse(thread.isAlive(), thread.getName());
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
