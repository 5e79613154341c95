// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.CaptionTemplates;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.dit.text.TextInput;
import ai.dsr.sample.text.CaptionReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The captions of a data set, said in each way of the templates, encoded. */
public final class TextData {
    private final ImageDataset images;
    private final CaptionTemplates templates;
    private final TextCache cache;

    private TextData(ImageDataset images, CaptionTemplates templates, TextCache cache) {
        this.images = images;
        this.templates = templates;
        this.cache = cache;
    }

    /**
     * Opens the captions of some samples, encoding those that the cache does not have.
     *
     * @param root folder of all caches
     * @param samples places in the data set
     * @param reader reads captions that are new; not closed here
     */
    public static TextData open(
            Path root, ImageDataset images, int[] samples, CaptionTemplates templates, CaptionReader reader) {
        List<String> captions = new ArrayList<>();
        for (int sample : samples) {
            for (int i = 0; i < templates.size(); i++) {
                captions.add(templates.apply(i, images.caption(sample)));
            }
        }
        return new TextData(images, templates, TextCache.open(root, reader, captions));
    }

    /** How many different captions there are in the cache. */
    public int captionCount() {
        return cache.size();
    }

    /**
     * The captions of a batch.
     *
     * @param samples places in the data set
     * @param uniform one number in [0, 1) a sample, which picks the template
     */
    public TextInput gather(NDManager manager, int[] samples, float[] uniform) {
        List<String> captions = new ArrayList<>();
        for (int i = 0; i < samples.length; i++) {
            captions.add(templates.apply(templates.pick(uniform[i]), images.caption(samples[i])));
        }
        return cache.gather(manager, captions);
    }
}
