// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.djl.ndarray.types.DataType;
import ai.dsr.core.config.Default;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Section {@code data}: which images a run is about.
 *
 * @param type {@code emoji}, the set that ships with the library, or how images are stored: {@code image_folder}, {@code
 *     caption_folder}, {@code jsonl}, {@code tar}, or {@code latents} for latents that are encoded already
 * @param path folder, manifest or tar file; nothing for emoji
 * @param imageSize side of the square images in pixels; stored images are centre-cropped to it
 * @param sets emoji styles, of {@code twemoji, noto, fluent-emoji-flat, openmoji}
 * @param people whether emoji of people take part
 * @param skinTones whether emoji of people come in all skin tones
 * @param cache folder of rendered icons, lists of images and encoded latents
 * @param randomFlip whether training sees each image mirrored left to right half of the time
 * @param latentDtype type of cached latents: {@code float16} (11 significant bits), {@code bfloat16} (8) or {@code float32}
 * @param maxCorrupt share of samples, in [0, 1], that may be left out because their image or caption cannot be read
 * @param numWorkers threads that decode images
 * @param limit at most so many samples, evenly spread over the data set, for trials; null: all
 */
public record DataConfig(
        Type type,
        @Default("null") Path path,
        @Default("64") int imageSize,
        @Default("[twemoji, noto, fluent-emoji-flat, openmoji]") List<String> sets,
        @Default("false") boolean people,
        @Default("false") boolean skinTones,
        @Default(".cache") Path cache,
        @Default("false") boolean randomFlip,
        @Default("float16") DataType latentDtype,
        @Default("0.001") double maxCorrupt,
        @Default("2") int numWorkers,
        @Default("null") Integer limit) {

    private static final Set<DataType> LATENT_TYPES = Set.of(DataType.FLOAT16, DataType.BFLOAT16, DataType.FLOAT32);
    private static final Path CACHE = Path.of(".cache");

    /** Checks that the keys fit the type. */
    public DataConfig {
        if (type == Type.LATENTS && (randomFlip || limit != null)) {
            throw new IllegalArgumentException(
                    "type: expected images with random_flip or limit, got latents; they are used as they are");
        }
        if (imageSize < 1) {
            throw new IllegalArgumentException("image_size: expected 1 or more, got " + imageSize);
        }
        if ((type == Type.EMOJI) == (path != null)) {
            throw new IllegalArgumentException(
                    type == Type.EMOJI
                            ? "path: expected nothing for type emoji, got " + path
                            : "path: expected where the images are, got nothing");
        }
        if (!(maxCorrupt >= 0 && maxCorrupt <= 1)) {
            throw new IllegalArgumentException("max_corrupt: expected a share of 0 to 1, got " + maxCorrupt);
        }
        if (!LATENT_TYPES.contains(latentDtype)) {
            throw new IllegalArgumentException("latent_dtype: expected float16, bfloat16 or float32, got "
                    + latentDtype.name().toLowerCase(Locale.ROOT));
        }
        if (limit != null && limit < 1) {
            throw new IllegalArgumentException("limit: expected 1 or more, got " + limit);
        }
        if (numWorkers < 1) {
            throw new IllegalArgumentException("num_workers: expected 1 or more, got " + numWorkers);
        }
    }

    /** All emoji without people at a size in pixels, cached in the working folder. */
    public static DataConfig emoji(int size) {
        return of(Type.EMOJI, null, size);
    }

    /** A folder of images cropped to a size in pixels. */
    public static DataConfig folder(Path root, int size) {
        return of(Type.IMAGE_FOLDER, root, size);
    }

    private static DataConfig of(Type type, Path path, int size) {
        return new DataConfig(
                type, path, size, EmojiConfig.ALL_SETS, false, false, CACHE, false, DataType.FLOAT16, 0.001, 2, null);
    }

    /** The kinds of data sets. */
    public enum Type {
        /** Rendered icons. */
        EMOJI,
        /** Folders of images, one a class. */
        IMAGE_FOLDER,
        /** Images with a text file of the same name beside them. */
        CAPTION_FOLDER,
        /** A manifest of JSON lines. */
        JSONL,
        /** Tar shards as WebDataset reads them. */
        TAR,
        /** Encoded elsewhere: a folder of safetensors with {@code latents} and {@code labels}. */
        LATENTS
    }
}
