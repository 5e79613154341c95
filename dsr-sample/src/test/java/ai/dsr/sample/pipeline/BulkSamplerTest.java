// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.NpyRows;
import ai.dsr.core.io.NpzFile;
import ai.dsr.core.kernel.Torch;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.config.LabelPolicy;
import ai.dsr.testkit.LeakCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class BulkSamplerTest {
    private static final int COUNT = 27; // three whole chunks and a part
    private static final int SIDE = 28;

    @TempDir
    private Path root;

    private Bundle bundle;

    @BeforeEach
    void open() {
        bundle = Bundle.open(TinyProject.write(root));
    }

    private BulkPlan plan(long seed) {
        return BulkPlan.of(bundle, COUNT, LabelPolicy.EQUAL, seed);
    }

    private Path draw(String name, int workers) {
        Path file = root.resolve(name);
        new BulkSampler(plan(5), file, SIDE).run(this::load, workers, done -> {});
        return file;
    }

    private ClassToImage load() {
        return ClassToImage.load(bundle, Torch.newManager());
    }

    /** Stops a run when so many images are done. */
    private static LongConsumer stopAfter(int images) {
        AtomicInteger left = new AtomicInteger(images);
        return done -> {
            if (left.addAndGet((int) -done) <= 0) {
                throw new IllegalStateException("stopped");
            }
        };
    }

    @Test
    void theFileHasTheSameBytesForAnyNumberOfWorkers() throws IOException {
        byte[] one = Files.readAllBytes(draw("one.npz", 1));
        assertArrayEquals(one, Files.readAllBytes(draw("three.npz", 3)));
        assertTrue(Files.notExists(root.resolve("one.npz.parts")));
    }

    @Test
    void imagesAreThoseOfThePipelineWithTheirLabelsAndCost() throws IOException {
        Path file = draw("a.npz", 1);
        int[] labels = LabelPolicy.EQUAL.deal(COUNT, 2, 5);
        try (ClassToImage pipeline = load();
                NpzFile npz = NpzFile.open(file);
                NpyRows rows = npz.rows("arr_0").requireImages()) {
            assertEquals(COUNT, rows.rows());
            byte[] row = new byte[rows.rowBytes()];
            for (RgbImage image : pipeline.generate(new SampleRequest(labels, 5))) {
                rows.next(row);
                assertArrayEquals(image.toBytes(), row);
            }
            assertArrayEquals(
                    Arrays.stream(labels).asLongStream().toArray(),
                    npz.read("arr_1").toLongs());
            String about = new String(npz.readBytes("dsr_samples"), StandardCharsets.UTF_8);
            assertTrue(about.contains("\"nfe\":3.0"), about); // four points of the grid
            assertTrue(about.contains("\"seed\":5"), about);
        }
    }

    @Test
    void aRunThatStoppedGoesOnWithoutGapOrDuplicate() throws IOException {
        byte[] whole = Files.readAllBytes(draw("whole.npz", 1));
        Path file = root.resolve("stopped.npz");
        AtomicInteger pipelines = new AtomicInteger();
        BulkSampler sampler = new BulkSampler(plan(5), file, SIDE);
        assertThrows(IllegalStateException.class, () -> sampler.run(this::load, 1, stopAfter(16)));
        assertTrue(Files.notExists(file));
        Path parts = root.resolve("stopped.npz.parts");
        try (var files = Files.list(parts)) {
            assertEquals(3, files.count()); // the plan and two chunks
        }
        Path damaged = parts.resolve("chunk-000001");
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[100] ^= 1;
        Files.write(damaged, bytes);
        AtomicInteger steps = new AtomicInteger();
        new BulkSampler(plan(5), file, SIDE)
                .run(
                        () -> {
                            pipelines.incrementAndGet();
                            return load();
                        },
                        2,
                        done -> steps.addAndGet((int) done));
        assertArrayEquals(whole, Files.readAllBytes(file));
        assertEquals(COUNT, steps.get());
        assertEquals(2, pipelines.get());
        assertTrue(Files.notExists(parts));
    }

    @Test
    void aJournalOfAnotherPlanAndAFileInTheWayAreRefused() {
        Path file = root.resolve("a.npz");
        BulkSampler sampler = new BulkSampler(plan(5), file, SIDE);
        assertThrows(IllegalStateException.class, () -> sampler.run(this::load, 1, stopAfter(8)));
        String message = assertThrows(IllegalArgumentException.class, () -> new BulkSampler(plan(6), file, SIDE)
                        .run(this::load, 1, done -> {}))
                .getMessage();
        assertTrue(message.startsWith(root.resolve("a.npz.parts") + ": expected the journal of this plan"), message);
        assertEquals(1, message.lines().count());
        Path done = draw("done.npz", 1);
        assertEquals(
                done + ": expected no file yet, got one; delete it or choose another",
                assertThrows(IllegalArgumentException.class, () -> new BulkSampler(plan(5), done, SIDE))
                        .getMessage());
    }

    @Test
    void aWorkersFailureIsTheRunsFailure() {
        BulkSampler sampler = new BulkSampler(plan(5), root.resolve("a.npz"), SIDE);
        assertEquals(
                "no model",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> sampler.run(
                                        () -> {
                                            throw new IllegalArgumentException("no model");
                                        },
                                        2,
                                        done -> {}))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> sampler.run(this::load, 0, done -> {}));
        assertEquals(
                "--num: expected 1 or more images, got 0",
                assertThrows(IllegalArgumentException.class, () -> BulkPlan.of(bundle, 0, LabelPolicy.EQUAL, 0))
                        .getMessage());
    }

    @Test
    void labelsOfAnImageDoNotDependOnTheNumber() {
        for (LabelPolicy policy : LabelPolicy.values()) {
            int[] many = policy.deal(1000, 7, 3);
            assertArrayEquals(Arrays.copyOf(many, 10), policy.deal(10, 7, 3));
            long[] counts = new long[7];
            Arrays.stream(many).forEach(label -> counts[label]++);
            for (long count : counts) {
                assertTrue(policy == LabelPolicy.EQUAL ? count / 2 == 71 : count > 100, policy + " " + count);
            }
        }
    }
}
