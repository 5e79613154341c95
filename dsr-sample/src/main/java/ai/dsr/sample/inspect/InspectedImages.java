// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.DataConfig;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.EmojiConfig;
import ai.dsr.core.data.EmojiDrawings;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.RgbImage;
import ai.dsr.encoders.register.RecursiveSearch.Pixels;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.sample.images.Images;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Square images for a search or an inspection: of a folder, or emoji; made when asked for. */
public final class InspectedImages implements Pixels {
    /** The word that stands for the icons that come with the library. */
    public static final String EMOJI = "emoji";

    private final ImageDataset data;
    private final List<Integer> chosen;
    private final PixelNorm norm;
    private final String source;

    private InspectedImages(ImageDataset data, List<Integer> chosen, PixelNorm norm, String source) {
        this.data = data;
        this.chosen = chosen;
        this.norm = norm;
        this.source = source;
    }

    /**
     * Opens images, centre-cropped to a square.
     *
     * @param source a folder, or {@value #EMOJI}
     * @param size side in pixels
     * @param count how many at most: evenly over the set, so that all classes come up
     * @param norm of the encoder
     */
    public static InspectedImages open(String source, int size, int count, PixelNorm norm) {
        if (count < 1) {
            throw new IllegalArgumentException("--count: expected 1 or more, got " + count);
        }
        ImageDataset data = source.equals(EMOJI)
                ? EmojiDrawings.of(EmojiConfig.defaults().withSize(size))
                : DataSets.open(DataConfig.folder(Path.of(source), size));
        int taken = Math.min(count, data.size());
        List<Integer> chosen = IntStream.range(0, taken)
                .map(i -> (int) ((long) i * data.size() / taken))
                .boxed()
                .toList();
        return new InspectedImages(data, chosen, norm, source);
    }

    @Override
    public int count() {
        return chosen.size();
    }

    @Override
    public NDArray get(NDManager manager, int index) {
        return norm.normalize(Images.toTensor(manager, List.of(image(index))));
    }

    /** The picture. */
    public RgbImage image(int index) {
        return data.get(chosen.get(index)).image();
    }

    /** Its id in the data set. */
    public String name(int index) {
        return data.id(chosen.get(index));
    }

    /** Its label in the data set. */
    int label(int index) {
        return data.label(chosen.get(index));
    }

    /** Class names of the data set in label order. */
    List<String> classNames() {
        return data.classNames();
    }

    /** Where they came from. */
    public String source() {
        return source;
    }
}
