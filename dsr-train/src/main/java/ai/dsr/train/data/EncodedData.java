// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.DataConfig;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Mirrored;
import ai.dsr.core.data.Split;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.LatentStatistics;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.encoders.register.RegisterParams;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.images.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The data of an experiment, encoded: images, latents of all of them, and statistics of the training part. */
public final class EncodedData {
    private static final int BATCH = 32;

    private final ImageDataset images;
    private final LatentSource latents;
    private final int[] trainSamples;
    private final int[] heldOutSamples;
    private final int mirrorOffset;
    private final Path statistics;
    private final RegisterPlan plan;

    private EncodedData(
            DataConfig config,
            ImageDataset originals,
            ImageDataset images,
            LatentSource latents,
            Path statistics,
            RegisterPlan plan) {
        this.images = images;
        this.latents = latents;
        trainSamples = trainPlaces(config, originals, latents);
        heldOutSamples = isSplit(config) ? places(originals, Split.HELD_OUT, latents) : new int[0];
        mirrorOffset = mirrorOffset(config, originals);
        this.statistics = statistics;
        this.plan = plan;
    }

    /** Opens images and latents, encoding and measuring what the cache does not have yet. */
    public static EncodedData open(Experiment experiment, NDManager manager) {
        return open(experiment, samples(experiment), manager);
    }

    /** The data set of an experiment: images, or a {@link LatentFolder}. */
    public static ImageDataset samples(Experiment experiment) {
        DataConfig config = experiment.data();
        if (config.type() != DataConfig.Type.LATENTS) {
            return DataSets.open(config);
        }
        if (experiment.has("stage_1")) {
            throw new IllegalArgumentException("stage_1: expected none with data.type latents, got one;"
                    + " give images and the autoencoder encodes them");
        }
        return LatentFolder.open(config.path());
    }

    /** The same for images that are open already. */
    public static EncodedData open(Experiment experiment, ImageDataset originals, NDManager manager) {
        DataConfig config = experiment.data();
        ImageDataset images = config.randomFlip() ? new Mirrored(originals) : originals;
        if (!experiment.has("stage_1")) {
            LatentSource latents =
                    originals instanceof LatentFolder folder ? folder : new PixelLatents(images, config.imageSize());
            return new EncodedData(config, originals, images, latents, null, null);
        }
        LatentKey key = key(experiment, images);
        try (NDManager weights = manager.newSubManager()) {
            RAE rae = new RAE(experiment.rae(), Stages.encoder(experiment, weights), LatentNormalizer.none(), null);
            ShardEncoder encoder = new ShardEncoder(
                    images,
                    config.numWorkers(),
                    config.maxCorrupt(),
                    (scope, batch) -> rae.toLatents(Images.toTensor(scope, batch)));
            LatentCache latents =
                    LatentCache.open(config.cache(), key, images.size(), config.latentDtype(), manager, encoder);
            int[] train = withMirrors(trainPlaces(config, originals, latents), mirrorOffset(config, originals));
            Path statistics = statistics(experiment, config.cache(), key, latents, train, manager);
            return new EncodedData(config, originals, images, latents, statistics, Stages.registerPlan(experiment));
        }
    }

    private static int[] trainPlaces(DataConfig config, ImageDataset originals, LatentSource latents) {
        return places(originals, isSplit(config) ? Split.TRAIN : Split.ALL, latents);
    }

    private static boolean isSplit(DataConfig config) {
        return config.type() == DataConfig.Type.EMOJI;
    }

    private static int mirrorOffset(DataConfig config, ImageDataset originals) {
        return config.randomFlip() ? originals.size() : 0;
    }

    private static LatentKey key(Experiment experiment, ImageDataset images) {
        RAEConfig rae = experiment.rae();
        RegisterParams params = RegisterParams.of(rae.encoderCls(), rae.encoderParams());
        RegisterPlan plan = Stages.registerPlan(experiment);
        Map<String, String> values = new LinkedHashMap<>();
        values.put("data", images.fingerprint());
        values.put("image_size", Integer.toString(experiment.data().imageSize()));
        values.put("encoder", params.encoderCls());
        values.put("encoder_sha256", Stages.encoderSha256(experiment));
        values.put("encoder_input_size", Integer.toString(rae.encoderInputSize()));
        values.put("encoder_params", Json.canonical(params.encoderParams()));
        if (plan != null) {
            values.put("register_plan", plan.digest());
        }
        values.put("reshape_to_2d", Boolean.toString(rae.reshapeTo2d()));
        values.put("preln", Boolean.toString(rae.preln()));
        values.put("dtype", experiment.data().latentDtype().name().toLowerCase(Locale.ROOT));
        return new LatentKey(values);
    }

    /** Samples of a part, without those that could not be read. */
    private static int[] places(ImageDataset images, Split split, LatentSource latents) {
        return images.indices(split).stream()
                .mapToInt(Integer::intValue)
                .filter(place -> !latents.corrupt().containsKey(place))
                .toArray();
    }

    /** The samples and, where there are any, their mirror images. */
    private static int[] withMirrors(int[] places, int mirrorOffset) {
        IntStream originals = Arrays.stream(places);
        return mirrorOffset == 0
                ? places
                : IntStream.concat(originals, Arrays.stream(places).map(place -> place + mirrorOffset))
                        .toArray();
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

    /** The data set, cropped to the configured size; followed by its mirror images if training sees them, too. */
    public ImageDataset images() {
        return images;
    }

    /** Raw latents of every image, before statistics. */
    public LatentSource latents() {
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

    /** File of the latent statistics; null for pixels, which have none. */
    public Path statistics() {
        return statistics;
    }

    /** What went into the data, for manifests: the samples and their statistics. */
    public Map<String, String> hashes() {
        Map<String, String> hashes = new TreeMap<>();
        hashes.put("data", images.fingerprint());
        if (statistics != null) {
            hashes.put("statistics", Sha256.ofFile(statistics));
        }
        if (plan != null) {
            hashes.put(Bundle.PLAN_INPUT, plan.digest());
        }
        return hashes;
    }

    /** The normalisation of the latents by their statistics; none for pixels. */
    public LatentNormalizer normalizer(NDManager owner, double eps) {
        return statistics == null
                ? LatentNormalizer.none()
                : LatentNormalizer.of(owner, SafeTensors.read(statistics), eps);
    }

    /** The training latents, normalised by {@code normalizer}. */
    public LatentData training(LatentNormalizer normalizer) {
        return training(normalizer, trainSamples);
    }

    /** The latents of some of the training images, by their places. */
    public LatentData training(LatentNormalizer normalizer, int[] samples) {
        int[] labels = IntStream.range(0, images.size()).map(images::label).toArray();
        return new LatentData(latents, normalizer, samples, labels, mirrorOffset, images::id);
    }
}
