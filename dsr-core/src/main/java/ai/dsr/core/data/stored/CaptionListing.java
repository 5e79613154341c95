// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/** Pairs of files below a folder: {@code x.jpg} and its caption {@code x.txt}; all of one class. */
record CaptionListing() implements Listing {
    @Override
    public String kind() {
        return "caption_folder";
    }

    @Override
    public Path root(Path path) {
        return path;
    }

    @Override
    public SampleIndex list(Path root) {
        ImageFiles.requireFolder(root, "images with captions");
        SampleIndex.Builder samples = new SampleIndex.Builder();
        List<ImageFiles.Found> images = ImageFiles.below(
                root,
                (folder, attributes) ->
                        samples.watch(folder, attributes.lastModifiedTime().toMillis(), 0));
        for (ImageFiles.Found image : images) {
            add(root, image, samples);
        }
        if (images.isEmpty()) {
            throw new IllegalArgumentException(
                    root + ": expected images (" + ImageFiles.endings() + ") with captions beside them, got none");
        }
        return samples.build(List.of(FolderListing.name(root)));
    }

    private static void add(Path root, ImageFiles.Found image, SampleIndex.Builder samples) {
        String text = image.path().substring(0, image.path().lastIndexOf('.')) + ".txt";
        Path file = root.resolve(text);
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            samples.watch(text, attributes.lastModifiedTime().toMillis(), attributes.size());
            String caption = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (caption.isEmpty()) {
                samples.fault(image.path(), text + " is empty");
            } else {
                samples.add(image.path(), 0, caption, image.size());
            }
        } catch (NoSuchFileException e) {
            samples.fault(image.path(), "no caption " + text);
        } catch (CharacterCodingException e) {
            samples.fault(image.path(), text + " is not UTF-8");
        } catch (IOException e) {
            samples.fault(image.path(), text + " cannot be read: " + e.getMessage());
        }
    }
}
