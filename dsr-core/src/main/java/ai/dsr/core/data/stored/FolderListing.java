// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Images in folders: {@code root/<class>/**}, or all in {@code root} itself, which is then the only class. */
record FolderListing() implements Listing {
    @Override
    public String kind() {
        return "image_folder";
    }

    @Override
    public Path root(Path path) {
        return path;
    }

    @Override
    public SampleIndex list(Path root) {
        ImageFiles.requireFolder(root, "images");
        SampleIndex.Builder samples = new SampleIndex.Builder();
        TreeMap<String, List<ImageFiles.Found>> classes = new TreeMap<>(ImageFiles.BYTEWISE);
        List<ImageFiles.Found> images = ImageFiles.below(root, (folder, attributes) -> {
            samples.watch(folder, attributes.lastModifiedTime().toMillis(), 0);
            if (!folder.isEmpty()) {
                classes.computeIfAbsent(classOf(folder), name -> new ArrayList<>());
            }
        });
        List<ImageFiles.Found> loose = new ArrayList<>();
        for (ImageFiles.Found image : images) {
            boolean isLoose = image.path().indexOf('/') < 0;
            (isLoose ? loose : classes.get(classOf(image.path()))).add(image);
        }
        requireOneLayout(root, classes, loose);
        if (classes.isEmpty()) {
            loose.forEach(image -> samples.add(image.path(), 0, null, image.size()));
            return samples.build(List.of(name(root)));
        }
        List<String> names = List.copyOf(classes.keySet());
        for (int label = 0; label < names.size(); label++) {
            for (ImageFiles.Found image : classes.get(names.get(label))) {
                samples.add(image.path(), label, null, image.size());
            }
        }
        return samples.build(names);
    }

    private static void requireOneLayout(
            Path root, TreeMap<String, List<ImageFiles.Found>> classes, List<ImageFiles.Found> loose) {
        if (classes.isEmpty() == loose.isEmpty()) {
            throw new IllegalArgumentException(root + ": expected images in it or in class folders, got "
                    + (loose.isEmpty()
                            ? "none"
                            : "both: " + loose.get(0).path() + " beside folder " + classes.firstKey()));
        }
        classes.forEach((name, images) -> {
            if (images.isEmpty()) {
                throw new IllegalArgumentException(root.resolve(name) + ": expected images (" + ImageFiles.endings()
                        + ") in each class folder, got none; remove the folder or choose another root");
            }
        });
    }

    private static String classOf(String path) {
        int slash = path.indexOf('/');
        return slash < 0 ? path : path.substring(0, slash);
    }

    /** The name of a data set in a folder. */
    static String name(Path root) {
        Path last = root.toAbsolutePath().normalize().getFileName();
        return last == null ? "root" : last.toString();
    }
}
