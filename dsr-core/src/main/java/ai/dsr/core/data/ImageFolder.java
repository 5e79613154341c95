// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Images in folders: {@code root/<class>/**}, or all in {@code root} itself, which is then the only class.
 *
 * <p>Files are PNG, JPEG, GIF or BMP by their ending. Classes and, within them, relative paths are sorted by their
 * UTF-8 bytes; names that begin with a dot are skipped; links are followed. Images are decoded when asked for. The caption is
 * the class name in words, the id the path below the root with forward slashes.
 */
public final class ImageFolder implements ImageDataset {
    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp");
    private static final Comparator<String> BYTEWISE =
            Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private final Path root;
    private final List<String> classNames;
    private final List<Entry> entries;
    private final String fingerprint;

    private record Entry(String id, int label) {}

    private ImageFolder(Path root, List<String> classNames, List<Entry> entries) {
        this.root = root;
        this.classNames = List.copyOf(classNames);
        this.entries = List.copyOf(entries);
        fingerprint = digest(root, classNames, entries);
    }

    /**
     * Lists the images below {@code root}.
     *
     * @throws IllegalArgumentException if it is no folder, holds no image, a class folder holds none, or images lie
     *     both in it and in class folders
     * @throws UncheckedIOException naming the root if it cannot be listed
     */
    public static ImageFolder load(Path root) {
        if (!Files.isDirectory(root)) {
            throw new IllegalArgumentException(
                    root + ": expected a folder of images, got " + (Files.exists(root) ? "a file" : "no such folder"));
        }
        List<String> classes = children(root, true);
        List<String> loose = children(root, false);
        if (classes.isEmpty() == loose.isEmpty()) {
            throw new IllegalArgumentException(root + ": expected images in it or in class folders, got "
                    + (loose.isEmpty() ? "none" : "both: " + loose.get(0) + " beside folder " + classes.get(0)));
        }
        List<Entry> entries = new ArrayList<>();
        loose.forEach(name -> entries.add(new Entry(name, 0)));
        for (int label = 0; label < classes.size(); label++) {
            List<String> images = imagesBelow(root.resolve(classes.get(label)));
            if (images.isEmpty()) {
                throw new IllegalArgumentException(root.resolve(classes.get(label))
                        + ": expected images ("
                        + String.join(", ", ENDINGS.stream().sorted().toList())
                        + ") in each class folder, got none; remove the folder or choose another root");
            }
            for (String image : images) {
                entries.add(new Entry(classes.get(label) + "/" + image, label));
            }
        }
        String only = root.toAbsolutePath().normalize().getFileName().toString();
        return new ImageFolder(root, classes.isEmpty() ? List.of(only) : classes, entries);
    }

    @Override
    public String name() {
        return root.toAbsolutePath().normalize().getFileName().toString();
    }

    @Override
    public int size() {
        return entries.size();
    }

    @Override
    public Sample get(int index) {
        Entry entry = entries.get(index);
        return new Sample(entry.id(), ImageCodec.read(root.resolve(entry.id())), entry.label(), caption(index));
    }

    @Override
    public String id(int index) {
        return entries.get(index).id();
    }

    @Override
    public String caption(int index) {
        return classNames.get(entries.get(index).label()).replaceAll("[-_]+", " ");
    }

    @Override
    public int label(int index) {
        return entries.get(index).label();
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    /** SHA-256 over classes, paths and file lengths; contents are not read, since data sets may be huge. */
    @Override
    public String fingerprint() {
        return fingerprint;
    }

    /** Names directly in {@code folder}, sorted: of folders, or of image files. */
    private static List<String> children(Path folder, boolean folders) {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> folders ? Files.isDirectory(path) : isImage(path))
                    .map(path -> path.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .sorted(BYTEWISE)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    /** Relative paths of all images below {@code folder}, with forward slashes, sorted. */
    private static List<String> imagesBelow(Path folder) {
        try (Stream<Path> paths = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            return paths.filter(ImageFolder::isImage)
                    .map(path -> slashed(folder.relativize(path)))
                    .filter(path -> !path.startsWith(".") && !path.contains("/."))
                    .sorted(BYTEWISE)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    private static String slashed(Path relative) {
        return relative.toString().replace(relative.getFileSystem().getSeparator(), "/");
    }

    private static boolean isImage(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1)) && Files.isRegularFile(path);
    }

    private static String digest(Path root, List<String> classNames, List<Entry> entries) {
        StringBuilder content = new StringBuilder();
        classNames.forEach(name -> content.append(name).append('\n'));
        try {
            for (Entry entry : entries) {
                long size = Files.size(root.resolve(entry.id()));
                content.append(entry.id()).append('\n').append(size).append('\n');
            }
        } catch (IOException e) {
            throw new UncheckedIOException(root + ": cannot be listed: " + e.getMessage(), e);
        }
        return Sha256.ofText(content.toString());
    }
}
