// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;

/** The image files below a folder, found in one walk that asks for each file's attributes once. */
final class ImageFiles {
    /** Endings of image files, without the dot. */
    static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp");

    /** The order of UTF-8 bytes, which is that of code points. */
    static final Comparator<String> BYTEWISE = ImageFiles::compareCodePoints;

    private ImageFiles() {}

    /**
     * An image file.
     *
     * @param path below the root, with forward slashes
     * @param size bytes
     */
    record Found(String path, long size) {}

    /**
     * Walks a folder; names that begin with a dot are skipped, links are followed.
     *
     * @param folders is given each folder below the root, the root itself as the empty path, with its attributes
     * @return the images sorted by path
     */
    static List<Found> below(Path root, BiConsumer<String, BasicFileAttributes> folders) {
        List<Found> found = new ArrayList<>();
        try {
            Files.walkFileTree(
                    root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                        @Override
                        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                            if (!folder.equals(root) && isHidden(folder)) {
                                return FileVisitResult.SKIP_SUBTREE;
                            }
                            folders.accept(below(root, folder), attributes);
                            return FileVisitResult.CONTINUE;
                        }

                        @Override
                        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                            if (attributes.isRegularFile() && isImage(file.toString()) && !isHidden(file)) {
                                found.add(new Found(below(root, file), attributes.size()));
                            }
                            return FileVisitResult.CONTINUE;
                        }
                    });
        } catch (IOException e) {
            throw new UncheckedIOException(root + ": cannot be listed: " + e.getMessage(), e);
        }
        found.sort(Comparator.comparing(Found::path, BYTEWISE));
        return found;
    }

    /** Whether a name has the ending of an image file. */
    static boolean isImage(String name) {
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /** Refuses what is no folder. */
    static void requireFolder(Path root, String what) {
        if (!Files.isDirectory(root)) {
            throw new IllegalArgumentException(root + ": expected a folder of " + what + ", got "
                    + (Files.exists(root) ? "a file" : "no such folder"));
        }
    }

    /** The endings for a message. */
    static String endings() {
        return String.join(", ", ENDINGS.stream().sorted().toList());
    }

    private static boolean isHidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    private static String below(Path root, Path path) {
        return root.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
    }

    private static int compareCodePoints(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return Integer.compare(rank(x), rank(y));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Surrogates stand for code points above all others. */
    private static int rank(char c) {
        return Character.isSurrogate(c) ? c + 0x10000 : c;
    }
}
