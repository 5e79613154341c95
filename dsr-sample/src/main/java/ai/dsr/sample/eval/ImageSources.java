// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.data.CenterCropped;
import ai.dsr.core.data.DataConfig;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Split;
import ai.dsr.core.data.stored.StoredImages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.images.ImageOrigin;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.sample.images.NpzImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Sets of images as users write them: a folder, an {@code .npz}, a configuration or {@code emoji}, the latter two perhaps
 * with a part of the data set behind a colon ({@code :train}, {@code :held_out}, {@code :all}).
 */
public final class ImageSources {
    /** The grid that {@code sample} leaves beside its images. */
    private static final String GRID = "grid.png";

    private static final String EMOJI = "emoji";

    private ImageSources() {}

    /**
     * Opens a set of images.
     *
     * @param imageSize side to which stored images are centre-cropped and emoji drawn; null: as they are stored, or as
     *     the configuration says, or 64 for emoji
     * @throws IllegalArgumentException if there is no such thing or it holds no images
     */
    public static ImageSource open(String text, Integer imageSize) {
        Split split = split(text);
        String path = split == null ? text : text.substring(0, text.lastIndexOf(':'));
        if (path.equals(EMOJI)) {
            DataConfig config = DataConfig.emoji(imageSize == null ? 64 : imageSize);
            return of(EMOJI, config, split);
        }
        if (path.endsWith(".yaml") || path.endsWith(".yml")) {
            return configured(Path.of(path), imageSize, split);
        }
        if (split != null) {
            throw new IllegalArgumentException(
                    text + ": expected " + EMOJI + " or a configuration before the part of a data set, got " + path);
        }
        if (path.endsWith(".npz")) {
            return new NpzImages(Path.of(path));
        }
        return folder(Path.of(path), imageSize);
    }

    private static Split split(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 0) {
            return null;
        }
        for (Split split : Split.values()) {
            if (split.name().toLowerCase(Locale.ROOT).equals(text.substring(colon + 1))) {
                return split;
            }
        }
        return null; // a colon of a path
    }

    /** A part of the data set of a configuration that is bound already; null is the held-out images. */
    public static ImageSource of(String name, DataConfig config, Split split) {
        return part(name, DataSets.open(config), split, transform(config));
    }

    /** The data set of a configuration; without a part, its held-out images. */
    private static ImageSource configured(Path file, Integer imageSize, Split split) {
        List<String> overrides = imageSize == null ? List.of() : List.of("data.image_size=" + imageSize);
        DataConfig config = Experiment.load(file, overrides).data();
        return of(file.toString(), config, split);
    }

    private static String transform(DataConfig config) {
        return (config.type() == DataConfig.Type.EMOJI ? "drawn at " : "center crop ") + config.imageSize();
    }

    private static ImageSource part(String name, ImageDataset data, Split split, String transform) {
        Split chosen = split == null ? Split.HELD_OUT : split;
        return new DatasetImages(
                name + ":" + chosen.name().toLowerCase(Locale.ROOT),
                data,
                data.indices(chosen),
                ImageOrigin.ofData(transform));
    }

    /** All images of a folder by name, but for the grid that our own command writes there. */
    private static ImageSource folder(Path root, Integer imageSize) {
        if (!Files.isDirectory(root)) {
            throw new IllegalArgumentException(root + ": expected a folder of images, an .npz, a .yaml or " + EMOJI
                    + ", got " + (Files.exists(root) ? "another file" : "no such thing"));
        }
        ImageDataset stored = StoredImages.folder(root, null);
        List<Integer> indices = IntStream.range(0, stored.size())
                .filter(i -> !stored.id(i).equals(GRID))
                .boxed()
                .toList();
        return new DatasetImages(
                root.toString(),
                imageSize == null ? stored : new CenterCropped(stored, imageSize),
                indices,
                imageSize == null ? ImageOrigin.UNKNOWN : ImageOrigin.ofData("center crop " + imageSize));
    }
}
