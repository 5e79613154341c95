// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.DataConfig;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Split;
import ai.dsr.core.image.ImageGrid;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.images.ImageArchive;
import ai.dsr.sample.images.ImageOrigin;
import ai.dsr.sample.images.ImageQuality;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.sample.images.Images;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Images through the autoencoder and back. */
public final class Reconstruct {
    private static final int BATCH = 16;

    private Reconstruct() {}

    /**
     * Images to reconstruct, in the size that the bundle's decoder draws.
     *
     * @param source {@code emoji} for icons that training did not see, else a folder of images
     * @param count how many at most
     */
    public static List<RgbImage> originals(Bundle bundle, String source, int count) {
        int size = bundle.manifest().imageSize();
        boolean emoji = source.equals("emoji");
        ImageDataset data = DataSets.open(emoji ? DataConfig.emoji(size) : DataConfig.folder(Path.of(source), size));
        List<Integer> chosen = emoji
                ? data.indices(Split.HELD_OUT)
                : IntStream.range(0, data.size()).boxed().toList();
        return chosen.stream().limit(count).map(i -> data.get(i).image()).toList();
    }

    /** Encodes and decodes images of one size; {@code manager} owns the models while this runs. */
    public static Result run(Bundle bundle, List<RgbImage> originals, NDManager manager, Progress progress) {
        try (NDManager weights = manager.newSubManager()) {
            RAE rae = Stages.autoencoder(bundle.experiment(), weights);
            List<RgbImage> images = new ArrayList<>();
            double psnr = 0;
            for (int first = 0; first < originals.size(); first += BATCH) {
                List<RgbImage> batch = originals.subList(first, Math.min(first + BATCH, originals.size()));
                try (NDManager scope = weights.newSubManager()) {
                    NDArray x = Images.toTensor(scope, batch);
                    NDArray decoded = rae.decode(rae.encode(x).z());
                    psnr += ImageQuality.psnr(decoded, x) * batch.size() / originals.size();
                    images.addAll(Images.toImages(decoded));
                }
                progress.step(batch.size());
            }
            return new Result(images, psnr);
        }
    }

    /**
     * Sends all images of a source through an autoencoder into an ADM sample batch, in their order.
     *
     * <p>Batches have a fixed size, the last one padded, so that the file has the same bytes wherever it is written.
     *
     * @param manager under which batches are computed
     * @param progress is stepped once an image
     */
    public static void toArchive(RAE rae, ImageSource source, Path target, NDManager manager, Progress progress) {
        try (ImageArchive archive = new ImageArchive(target);
                ImageSource.Cursor cursor = source.open()) {
            for (int first = 0; first < source.count(); first += BATCH) {
                List<RgbImage> batch = new ArrayList<>();
                int count = Math.min(BATCH, source.count() - first);
                for (int i = 0; i < BATCH; i++) {
                    batch.add(i < count ? cursor.next() : batch.get(0));
                }
                try (NDManager scope = manager.newSubManager()) {
                    NDArray decoded =
                            rae.decode(rae.encode(Images.toTensor(scope, batch)).z());
                    Images.toImages(decoded).subList(0, count).forEach(archive::add);
                }
                progress.step(count);
            }
            archive.finish(new ImageOrigin(source.origin().transform(), ImageOrigin.CUT_OFF, "of the data", null));
        }
    }

    /** One picture: originals above what came back. */
    public static RgbImage sheet(List<RgbImage> originals, List<RgbImage> reconstructions) {
        List<RgbImage> cells = new ArrayList<>(originals);
        cells.addAll(reconstructions);
        return ImageGrid.of(cells, originals.size()).withFactor(1).render();
    }

    /**
     * What came back.
     *
     * @param images reconstructions in the order of the originals
     * @param psnr mean over images in dB
     */
    public record Result(List<RgbImage> images, double psnr) {}
}
