// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Sample;
import ai.dsr.core.image.ImageCodec;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Images on disk, decoded when asked for: in class folders, beside their captions, in a manifest, or in tar shards.
 *
 * <p>PNG, JPEG, GIF and BMP are known. Classes, and samples within them, are in the order of the UTF-8 bytes of their
 * names; names that begin with a dot are skipped, links are followed. The list of samples is made once and cached.
 */
public final class StoredImages implements ImageDataset {
    private static final Logger LOG = LoggerFactory.getLogger(StoredImages.class);
    private static final int NAMED_FAULTS = 5;

    private final String name;
    private final Path root;
    private final SampleIndex index;

    private StoredImages(String name, Path root, SampleIndex index) {
        this.name = name;
        this.root = root;
        this.index = index;
    }

    /**
     * Class folders {@code root/<class>/**}, or images in {@code root} itself, which is then the only class. The caption is
     * the class name in words, the id the path below the root with forward slashes.
     *
     * @param cache folder of cached lists; null: list anew
     * @throws IllegalArgumentException if it is no folder, holds no image, a class folder holds none, or images lie
     *     both in it and in class folders
     * @throws UncheckedIOException naming the root if it cannot be listed
     */
    public static StoredImages folder(Path root, Path cache) {
        return open(new FolderListing(), root, cache, 0);
    }

    /**
     * Images with a caption each in a text file of the same name.
     *
     * @param maxFaults share of pairs, in [0, 1], that may be unusable: no caption, an empty one, not UTF-8
     * @throws IllegalArgumentException if there are more, naming the first of them
     */
    public static StoredImages captionFolder(Path root, Path cache, double maxFaults) {
        return open(new CaptionListing(), root, cache, maxFaults);
    }

    /** A manifest of JSON lines with {@code file_name}, {@code text} and perhaps {@code label}, as Hugging Face has them. */
    public static StoredImages jsonl(Path manifest, Path cache, double maxFaults) {
        return open(new JsonlListing(), manifest, cache, maxFaults);
    }

    /** Tar shards in the layout of WebDataset: a file, or all {@code .tar} files of a folder. */
    public static StoredImages tar(Path path, Path cache, double maxFaults) {
        return open(new TarListing(), path, cache, maxFaults);
    }

    private static StoredImages open(Listing listing, Path path, Path cache, double maxFaults) {
        SampleIndex index = IndexCache.open(listing, path, cache);
        List<SampleIndex.Fault> faults = index.head().faults();
        for (SampleIndex.Fault fault : faults.subList(0, Math.min(NAMED_FAULTS, faults.size()))) {
            LOG.warn("{}: left out: {}", fault.id(), fault.reason());
        }
        if (faults.size() > maxFaults * (faults.size() + index.size())) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s: expected at most a share of %s unusable samples, got %d of %d; the first: %s: %s",
                    path,
                    maxFaults,
                    faults.size(),
                    faults.size() + index.size(),
                    faults.get(0).id(),
                    faults.get(0).reason()));
        }
        if (!faults.isEmpty()) {
            LOG.warn("{}: {} of {} samples left out", path, faults.size(), faults.size() + index.size());
        }
        return new StoredImages(FolderListing.name(path), listing.root(path), index);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int size() {
        return index.size();
    }

    @Override
    public Sample get(int i) {
        return new Sample(id(i), ImageCodec.read(encoded(i), subject(i)), label(i), caption(i));
    }

    /** Where the image is, for messages. */
    private String subject(int i) {
        Path file = root.resolve(index.file(i));
        return index.file(i).equals(index.id(i)) ? file.toString() : file + " (" + index.id(i) + ")";
    }

    private byte[] encoded(int i) {
        Path file = root.resolve(index.file(i));
        ByteBuffer bytes = ByteBuffer.allocate(index.length(i));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (bytes.hasRemaining()) {
                if (channel.read(bytes, index.offset(i) + bytes.position()) < 0) {
                    throw new EOFException("it has become shorter since it was listed");
                }
            }
            return bytes.array();
        } catch (IOException e) {
            throw new UncheckedIOException(subject(i) + ": cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String id(int i) {
        return index.id(i);
    }

    @Override
    public int label(int i) {
        return index.label(i);
    }

    @Override
    public String caption(int i) {
        return index.caption(i);
    }

    @Override
    public List<String> classNames() {
        return index.head().classNames();
    }

    /** SHA-256 over classes, ids, labels, captions and lengths; pixels are not read, since data sets may be huge. */
    @Override
    public String fingerprint() {
        return index.head().fingerprint();
    }
}
