// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.DataConfig;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Split;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.LatentStatistics;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The data of an experiment, encoded: images, latents of all of them, and statistics of the training part. */
public final class EncodedData {
    private static final int BATCH = 32;

    private final ImageDataset images;
    private final LatentCache latents;
    private final int[] trainSamples;
    private final int[] heldOutSamples;
    private final Path statistics;

    private EncodedData(
            ImageDataset images, LatentCache latents, int[] trainSamples, int[] heldOutSamples, Path statistics) {
        this.images = images;
        this.latents = latents;
        this.trainSamples = trainSamples;
        this.heldOutSamples = heldOutSamples;
        this.statistics = statistics;
    }

    /** Opens images and latents, encoding and measuring what the cache does not have yet. */
    public static EncodedData open(Experiment experiment, NDManager manager) {
        return open(experiment, DataSets.open(experiment.data()), manager);
    }

    /** The same for images that are open already. */
    public static EncodedData open(Experiment experiment, ImageDataset images, NDManager manager) {
        Path cache = experiment.data().cache();
        LatentKey key = key(experiment, images);
        try (NDManager weights = manager.newSubManager()) {
            RAE rae = new RAE(experiment.rae(), Stages.encoder(experiment, weights), LatentNormalizer.none(), null);
            LatentCache latents = LatentCache.open(
                    cache, key, images.size(), BATCH, manager, (scope, samples) -> encode(rae, scope, images, samples));
            boolean splits = experiment.data().type() == DataConfig.Type.EMOJI;
            int[] train = splits
                    ? places(images, Split.TRAIN)
                    : IntStream.range(0, images.size()).toArray();
            int[] heldOut = splits ? places(images, Split.HELD_OUT) : new int[0];
            Path statistics = statistics(experiment, cache, key, latents, train, manager);
            return new EncodedData(images, latents, train, heldOut, statistics);
        }
    }

    private static LatentKey key(Experiment experiment, ImageDataset images) {
        RAEConfig rae = experiment.rae();
        Map<String, String> values = new LinkedHashMap<>();
        values.put("data", images.fingerprint());
        values.put("image_size", Integer.toString(experiment.data().imageSize()));
        values.put("encoder", rae.encoderCls());
        values.put("encoder_sha256", Sha256.ofFile(Stages.encoderFile(experiment)));
        values.put("encoder_input_size", Integer.toString(rae.encoderInputSize()));
        values.put("encoder_params", Json.canonical(rae.encoderParams()));
        values.put("reshape_to_2d", Boolean.toString(rae.reshapeTo2d()));
        values.put("preln", Boolean.toString(rae.preln()));
        values.put("dtype", "float16");
        return new LatentKey(values);
    }

    private static NDArray encode(RAE rae, NDManager scope, ImageDataset images, int[] samples) {
        List<RgbImage> batch = new ArrayList<>();
        for (int sample : samples) {
            batch.add(images.get(sample).image());
        }
        return rae.encode(Images.toTensor(scope, batch)).z();
    }

    private static int[] places(ImageDataset images, Split split) {
        return images.indices(split).stream().mapToInt(Integer::intValue).toArray();
    }

    private static Path statistics(
            Experiment experiment, Path cache, LatentKey key, LatentCache latents, int[] train, NDManager manager) {
        String given = experiment.rae().normalizationStatPath();
        if (given != null) {
            return experiment.resolve(given);
        }
        Path file =
                cache.resolve("latents").resolve(key.digest().substring(0, 16)).resolve("statistics.safetensors");
        if (!Files.exists(file)) {
            LatentStatistics statistics = new LatentStatistics();
            for (int first = 0; first < train.length; first += BATCH) {
                int[] batch = Arrays.copyOfRange(train, first, Math.min(first + BATCH, train.length));
                try (NDManager scope = manager.newSubManager()) {
                    statistics.add(latents.gather(scope, batch));
                }
            }
            statistics.write(file);
        }
        return file;
    }

    /** The data set, cropped to the configured size. */
    public ImageDataset images() {
        return images;
    }

    /** Raw latents of every image, before statistics. */
    public LatentCache latents() {
        return latents;
    }

    /** Places of the training images. */
    public int[] trainSamples() {
        return trainSamples.clone();
    }

    /** Places of the images kept for validation; none of an image folder. */
    public int[] heldOutSamples() {
        return heldOutSamples.clone();
    }

    /** File of the latent statistics. */
    public Path statistics() {
        return statistics;
    }

    /** What went into the data, for manifests: the samples and their statistics. */
    public Map<String, String> hashes() {
        return Map.of("data", images.fingerprint(), "statistics", Sha256.ofFile(statistics));
    }

    /** The training latents, normalised by {@code normalizer}. */
    public LatentData training(LatentNormalizer normalizer) {
        int[] labels = IntStream.range(0, images.size()).map(images::label).toArray();
        return new LatentData(latents, normalizer, trainSamples, labels);
    }
}
