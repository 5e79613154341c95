// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.config.Default;
import java.nio.file.Path;
import java.util.List;

/**
 * Section {@code data}: which images a run is about.
 *
 * @param type {@code emoji}, the set that ships with the library, or {@code image_folder}
 * @param path root of an image folder
 * @param imageSize side of the square images in pixels; folders are centre-cropped to it
 * @param sets emoji styles, of {@code twemoji, noto, fluent-emoji-flat, openmoji}
 * @param people whether emoji of people take part
 * @param skinTones whether emoji of people come in all skin tones
 * @param cache folder of rendered icons and encoded latents
 */
public record DataConfig(
        Type type,
        @Default("null") Path path,
        @Default("64") int imageSize,
        @Default("[twemoji, noto, fluent-emoji-flat, openmoji]") List<String> sets,
        @Default("false") boolean people,
        @Default("false") boolean skinTones,
        @Default(".cache") Path cache) {

    private static final Path CACHE = Path.of(".cache");

    /** Checks that the keys fit the type. */
    public DataConfig {
        if (imageSize < 1) {
            throw new IllegalArgumentException("image_size: expected 1 or more, got " + imageSize);
        }
        if ((type == Type.IMAGE_FOLDER) != (path != null)) {
            throw new IllegalArgumentException(
                    type == Type.IMAGE_FOLDER
                            ? "path: expected the root of the image folder, got nothing"
                            : "path: expected nothing for type emoji, got " + path);
        }
    }

    /** All emoji without people at a size in pixels, cached in the working folder. */
    public static DataConfig emoji(int size) {
        return new DataConfig(Type.EMOJI, null, size, EmojiConfig.ALL_SETS, false, false, CACHE);
    }

    /** A folder of images cropped to a size in pixels. */
    public static DataConfig folder(Path root, int size) {
        return new DataConfig(Type.IMAGE_FOLDER, root, size, EmojiConfig.ALL_SETS, false, false, CACHE);
    }

    /** The kinds of data sets. */
    public enum Type {
        /** Rendered icons. */
        EMOJI,
        /** Folders of images, one a class. */
        IMAGE_FOLDER
    }
}
