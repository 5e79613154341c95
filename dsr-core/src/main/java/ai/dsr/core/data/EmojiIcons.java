// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.run.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Emoji of four free icon sets, drawn on white: a captioned and labelled data set that needs no download.
 *
 * <p>Class is the emoji group, caption the name in words and the style, id {@code set/name}. Samples are ordered by set
 * as configured, then by name. Icons are rendered once into a file; later loads map that file into memory. Drawings of
 * one emoji in several styles share a split key and so are never on both sides of a hold-out {@link Split}.
 */
public final class EmojiIcons implements ImageDataset {
    private static final Logger LOG = LoggerFactory.getLogger(EmojiIcons.class);
    private static final int CHUNK = 256; // icons rendered ahead of the file, so that memory stays small
    private static final int MAX_FAILED_PERCENT = 1;

    private final EmojiConfig config;
    private final IconCache cache;

    private EmojiIcons(EmojiConfig config, IconCache cache) {
        this.config = config;
        this.cache = cache;
    }

    /** Loads the icons with a progress display; see {@link #load(EmojiConfig, Path, Progress.Factory)}. */
    public static EmojiIcons load(EmojiConfig config, Path cacheDir) {
        return load(config, cacheDir, Progress::start);
    }

    /**
     * Opens the icons of {@code config} from {@code cacheDir}, or renders them there if they are absent, damaged or of
     * another version. Concurrent calls are safe: each writes a file of its own and the last one stays.
     *
     * @throws IllegalStateException if more than one icon in a hundred cannot be rendered
     * @throws java.io.UncheckedIOException naming the file if it cannot be read or written
     */
    public static EmojiIcons load(EmojiConfig config, Path cacheDir, Progress.Factory progress) {
        String fingerprint = fingerprint(config);
        Path file = cacheDir.resolve("emoji-" + config.size() + "px-" + fingerprint.substring(0, 12) + ".icons");
        IconCache cache = IconCache.open(file, fingerprint);
        if (cache == null) {
            List<Icon> icons = config.sets().stream()
                    .flatMap(set -> IconSet.select(set, config).stream())
                    .toList();
            try (Progress shown = progress.start("Rendering emoji", icons.size())) {
                IconCache.write(
                        file, fingerprint, config.size(), pixels -> renderAll(icons, config.size(), pixels, shown));
            }
            cache = IconCache.open(file, fingerprint);
            if (cache == null) {
                throw new IllegalStateException(file + ": expected the icons just written, got another content;"
                        + " is another program writing there?");
            }
        }
        return new EmojiIcons(config, cache);
    }

    @Override
    public String name() {
        return "emoji-" + config.size() + "px";
    }

    /** The configuration that was loaded. */
    public EmojiConfig config() {
        return config;
    }

    @Override
    public int size() {
        return cache.index().entries().size();
    }

    @Override
    public Sample get(int index) {
        IconCache.Entry entry = cache.index().entries().get(index);
        return new Sample(entry.id(), cache.image(index), entry.label(), entry.caption());
    }

    @Override
    public int label(int index) {
        return cache.index().entries().get(index).label();
    }

    @Override
    public String id(int index) {
        return cache.index().entries().get(index).id();
    }

    @Override
    public String caption(int index) {
        return cache.index().entries().get(index).caption();
    }

    /** The emoji groups; "People &amp; Body" is the last, if it takes part. */
    @Override
    public List<String> classNames() {
        return config.people() ? IconSet.GROUPS : IconSet.GROUPS.subList(0, IconSet.GROUPS.indexOf(IconSet.PEOPLE));
    }

    @Override
    public String fingerprint() {
        return cache.index().fingerprint();
    }

    /** The code points of the emoji without skin tone, such as {@code 1f34e}. */
    @Override
    public String splitKey(int index) {
        return cache.index().entries().get(index).key();
    }

    static String fingerprint(EmojiConfig config) {
        return Sha256.ofText(Json.canonical(Map.of(
                "config",
                config,
                "icons",
                String.valueOf(IconSet.version()),
                "svg",
                IconRenderer.libraryVersion(),
                "renderer",
                IconRenderer.VERSION)));
    }

    private static List<IconCache.Entry> renderAll(List<Icon> icons, int size, OutputStream pixels, Progress progress)
            throws IOException {
        ExecutorService threads = startThreads();
        List<IconCache.Entry> entries = new ArrayList<>(icons.size());
        List<String> failed = new ArrayList<>();
        try {
            for (int from = 0; from < icons.size(); from += CHUNK) {
                List<Icon> chunk = icons.subList(from, Math.min(from + CHUNK, icons.size()));
                List<RgbImage> images = render(chunk, size, threads, progress);
                for (int i = 0; i < chunk.size(); i++) {
                    Icon icon = chunk.get(i);
                    if (images.get(i) == null) {
                        failed.add(icon.id());
                    } else {
                        pixels.write(images.get(i).toBytes());
                        int label = IconSet.GROUPS.indexOf(icon.group());
                        entries.add(new IconCache.Entry(icon.id(), label, icon.key(), icon.caption()));
                    }
                }
            }
        } finally {
            threads.shutdownNow();
        }
        requireFew(failed, icons.size());
        return entries;
    }

    /** Renders in the order of the icons; null stands for a failure. */
    private static List<RgbImage> render(List<Icon> icons, int size, ExecutorService threads, Progress progress) {
        List<Callable<RgbImage>> tasks = icons.stream()
                .map(icon -> (Callable<RgbImage>) () -> {
                    RgbImage image = renderOrNull(icon, size);
                    progress.step(1);
                    return image;
                })
                .toList();
        try {
            List<RgbImage> images = new ArrayList<>(tasks.size());
            for (Future<RgbImage> future : threads.invokeAll(tasks)) {
                images.add(future.get());
            }
            return images;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("rendering emoji: interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("rendering emoji: " + e.getCause(), e);
        }
    }

    private static RgbImage renderOrNull(Icon icon, int size) {
        try {
            return IconRenderer.render(icon, size);
        } catch (RuntimeException e) {
            LOG.warn("{}: cannot be rendered and is left out", icon.id(), e);
            return null;
        }
    }

    static void requireFew(List<String> failed, int total) {
        if (failed.size() * 100L > (long) total * MAX_FAILED_PERCENT) {
            throw new IllegalStateException("emoji: expected at most " + MAX_FAILED_PERCENT + "% of " + total
                    + " icons to fail, got " + failed.size() + ": " + failed.subList(0, Math.min(10, failed.size())));
        }
        if (!failed.isEmpty()) {
            LOG.warn("{} of {} emoji left out: {}", failed.size(), total, failed);
        }
    }

    private static ExecutorService startThreads() {
        AtomicInteger number = new AtomicInteger();
        return Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), task -> {
            Thread thread = new Thread(task, "emoji-renderer-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }
}
