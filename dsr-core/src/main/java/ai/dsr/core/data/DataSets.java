// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.data.stored.StoredImages;

/** Opens the data set of a {@link DataConfig}. */
public final class DataSets {
    private DataSets() {}

    /**
     * The images as configured; emoji are rendered on first use.
     *
     * @throws IllegalArgumentException if the path is missing, holds no images or too many unusable ones
     */
    public static ImageDataset open(DataConfig config) {
        ImageDataset all = openAll(config);
        return config.limit() == null || config.limit() >= all.size() ? all : new Subset(all, config.limit());
    }

    private static ImageDataset openAll(DataConfig config) {
        return switch (config.type()) {
            case EMOJI ->
                EmojiIcons.load(
                        new EmojiConfig(config.sets(), config.imageSize(), config.people(), config.skinTones()),
                        config.cache());
            case IMAGE_FOLDER -> cropped(config, StoredImages.folder(config.path(), config.cache()));
            case CAPTION_FOLDER ->
                cropped(config, StoredImages.captionFolder(config.path(), config.cache(), config.maxCorrupt()));
            case JSONL -> cropped(config, StoredImages.jsonl(config.path(), config.cache(), config.maxCorrupt()));
            case LATENTS ->
                throw new IllegalArgumentException("type: expected images, got latents; only train reads latents");
            case TAR -> cropped(config, StoredImages.tar(config.path(), config.cache(), config.maxCorrupt()));
        };
    }

    private static ImageDataset cropped(DataConfig config, ImageDataset images) {
        return new CenterCropped(images, config.imageSize());
    }
}
