// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

/** Opens the data set of a {@link DataConfig}. */
public final class DataSets {
    private DataSets() {}

    /**
     * The images as configured; emoji are rendered on first use.
     *
     * @throws IllegalArgumentException if the folder is missing or holds no images
     */
    public static ImageDataset open(DataConfig config) {
        return switch (config.type()) {
            case EMOJI ->
                EmojiIcons.load(
                        new EmojiConfig(config.sets(), config.imageSize(), config.people(), config.skinTones()),
                        config.cache());
            case IMAGE_FOLDER -> new CenterCropped(ImageFolder.load(config.path()), config.imageSize());
        };
    }
}
