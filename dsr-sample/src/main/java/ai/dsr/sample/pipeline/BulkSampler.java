// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.NpzWriter;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.images.ImageOrigin;
import ai.dsr.sample.images.NpzImages;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * Draws many images into an ADM sample batch ({@code .npz}), chunk by chunk through a journal beside the file.
 *
 * <p>A run that was killed goes on with the chunks that are missing. Chunks have a fixed size and every image streams of
 * its own, so the file has the same bytes for any number of workers, however often the run was interrupted.
 */
public final class BulkSampler {
    private static final String JOURNAL = ".parts";

    private final BulkPlan plan;
    private final Path target;
    private final int side;

    /**
     * A run of a plan.
     *
     * @param target the archive to write; the journal stands beside it as {@code NAME.parts} until it is done
     * @param side side of the images in pixels
     * @throws IllegalArgumentException if there is a file already and no journal to go on with
     */
    public BulkSampler(BulkPlan plan, Path target, int side) {
        this.plan = plan;
        this.target = target;
        this.side = side;
        if (Files.exists(target) && !Files.exists(journalFolder())) {
            throw new IllegalArgumentException(target + ": expected no file yet, got one; delete it or choose another");
        }
    }

    private Path journalFolder() {
        return target.toAbsolutePath().resolveSibling(target.getFileName() + JOURNAL);
    }

    /**
     * Draws what is missing and writes the archive.
     *
     * @param pipelines opens a pipeline for each worker, which closes it
     * @param workers threads that draw, 1 or more
     * @param progress hears of images that are done, also of those of an earlier run; such as {@code progress::step}
     */
    public void run(Supplier<ClassToImage> pipelines, int workers, LongConsumer progress) {
        if (workers < 1) {
            throw new IllegalArgumentException("--workers: expected 1 or more, got " + workers);
        }
        ChunkJournal journal = ChunkJournal.open(journalFolder(), plan, side * side * RgbImage.CHANNELS);
        ConcurrentLinkedQueue<Integer> missing = new ConcurrentLinkedQueue<>();
        for (int chunk = 0; chunk < journal.chunks(); chunk++) {
            if (journal.has(chunk)) {
                progress.accept(images(chunk));
            } else {
                missing.add(chunk);
            }
        }
        if (workers == 1 && !missing.isEmpty()) {
            try (ClassToImage pipeline = pipelines.get()) {
                draw(pipeline, journal, missing, progress);
            }
        } else if (!missing.isEmpty()) {
            drawAll(pipelines, Math.min(workers, missing.size()), journal, missing, progress);
        }
        write(journal);
        journal.delete();
    }

    private int images(int chunk) {
        return Math.min(ClassToImage.CHUNK, plan.count() - chunk * ClassToImage.CHUNK);
    }

    /** Each worker has its own pipeline and uses as many threads an operator as the caller, so that none rounds otherwise. */
    private void drawAll(
            Supplier<ClassToImage> pipelines,
            int workers,
            ChunkJournal journal,
            ConcurrentLinkedQueue<Integer> missing,
            LongConsumer progress) {
        int operatorThreads = Torch.threads();
        AtomicInteger number = new AtomicInteger();
        ExecutorService threads =
                Executors.newFixedThreadPool(workers, task -> new Thread(task, "sampler-" + number.incrementAndGet()));
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                running.add(threads.submit(() -> {
                    Torch.setThreads(operatorThreads);
                    try (ClassToImage pipeline = pipelines.get()) {
                        draw(pipeline, journal, missing, progress);
                    } catch (RuntimeException e) {
                        missing.clear(); // the others end after their present chunk
                        throw e;
                    }
                }));
            }
            for (Future<?> worker : running) {
                worker.get();
            }
        } catch (InterruptedException e) {
            missing.clear();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("sampling: interrupted; run the same command to go on", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known
                    ? known
                    : new IllegalStateException("sampling: " + e.getCause(), e);
        } finally {
            threads.shutdown();
        }
    }

    private void draw(
            ClassToImage pipeline,
            ChunkJournal journal,
            ConcurrentLinkedQueue<Integer> missing,
            LongConsumer progress) {
        int[] labels = plan.dealt();
        for (Integer chunk = missing.poll(); chunk != null; chunk = missing.poll()) {
            int first = chunk * ClassToImage.CHUNK;
            SampleRequest request =
                    new SampleRequest(Arrays.copyOfRange(labels, first, first + images(chunk)), plan.seed());
            Drawn drawn = pipeline.draw(first, request, plan.sampler(), plan.guidance(), Progress.silent());
            requireSide(drawn.images().get(0));
            journal.write(chunk, drawn.images(), drawn.evaluations());
            progress.accept(drawn.images().size());
        }
    }

    private void requireSide(RgbImage image) {
        if (image.width() != side || image.height() != side) {
            throw new IllegalStateException("images: expected " + side + "x" + side + " as the manifest says, got "
                    + image.width() + "x" + image.height());
        }
    }

    private void write(ChunkJournal journal) {
        long evaluations = 0;
        for (int chunk = 0; chunk < journal.chunks(); chunk++) {
            evaluations += (long) journal.evaluations(chunk) * images(chunk);
        }
        Map<String, Object> about = new LinkedHashMap<>();
        about.put("plan", Json.parse(plan.text().getBytes(StandardCharsets.UTF_8), JsonNode.class, "plan"));
        about.put("nfe", (double) evaluations / plan.count());
        long[] shape = {plan.count(), side, side, RgbImage.CHANNELS};
        new NpzWriter()
                .add(NpzImages.IMAGES, DataType.UINT8, shape, out -> copy(journal, out))
                .add(NpzImages.LABELS, labels(plan.dealt()))
                .add(NpzImages.ORIGIN, Json.canonical(origin(plan)))
                .add("dsr_samples", Json.canonical(about))
                .write(target);
    }

    /** What is known of images that were drawn by a plan, in whatever form they are handed on. */
    public static ImageOrigin origin(BulkPlan plan) {
        return new ImageOrigin("as drawn", ImageOrigin.CUT_OFF, plan.labels().label(), plan.seed());
    }

    private static void copy(ChunkJournal journal, OutputStream out) throws IOException {
        for (int chunk = 0; chunk < journal.chunks(); chunk++) {
            out.write(journal.pixels(chunk));
        }
    }

    private static TensorData labels(int... labels) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * labels.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int label : labels) {
            bytes.putLong(label);
        }
        return TensorData.of(DataType.INT64, new Shape(labels.length), bytes.flip());
    }
}
