// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.HeldOutPairs;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Split;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.vit.ImageFeatures;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.sample.images.Images;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Whether pictures show what their captions say: is the nearest training image one of the same object, of the same group,
 * of the same style?
 *
 * <p>Near is the cosine of class tokens of a vision encoder. Chance is what a training image picked at random would get
 * for the same captions.
 */
public final class Retrieval {
    private static final int BATCH = 32;

    private final ImageDataset data;
    private final ViTEncoder encoder;
    private final int side;
    private final NDManager manager;
    private final int[] train;
    private final HeldOutPairs pairs;

    /**
     * A check against the training images of a data set.
     *
     * @param pairs the combinations that training has not seen
     * @param encoder gives the features
     * @param side size in pixels at which it sees the pictures
     * @param manager owns features while a check runs
     */
    public Retrieval(ImageDataset data, HeldOutPairs pairs, ViTEncoder encoder, int side, NDManager manager) {
        this.data = data;
        this.pairs = pairs;
        this.encoder = encoder;
        this.side = side;
        this.manager = manager;
        train = pairs.without(
                data.indices(Split.TRAIN).stream().mapToInt(i -> i).toArray());
    }

    /** Samples whose captions training has seen, picked by a seed. */
    public int[] seen(int count, long seed) {
        return pick(train, count, SeedTree.of(seed).child("seen"));
    }

    /** Samples of combinations that training has not seen, picked by a seed; fewer if there are not as many. */
    public int[] heldOut(int count, long seed) {
        int[] all = pairs.indices().stream().mapToInt(i -> i).toArray();
        return pick(all, count, SeedTree.of(seed).child("held-out"));
    }

    private static int[] pick(int[] from, int count, SeedTree seeds) {
        int[] order = from.clone();
        RandomStream random = seeds.stream();
        for (int i = 0; i < Math.min(count, order.length); i++) {
            int j = i + random.nextInt(order.length - i);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return Arrays.copyOf(order, Math.min(count, order.length));
    }

    /** Draws one picture for the caption of each sample. */
    public Pictures draw(TextToImage pipeline, int[] samples, long seed, Progress progress) {
        List<RgbImage> images = new ArrayList<>();
        for (int sample : samples) {
            images.addAll(pipeline.generate(TextRequest.of(data.caption(sample), 1, seed)));
            progress.step(1);
        }
        return new Pictures(Arrays.stream(samples).boxed().toList(), images);
    }

    /** Compares several sets of pictures with the training images, in one pass over these; a score for each set. */
    public List<Score> score(List<Pictures> sets, Progress progress) {
        int[] nearest =
                nearest(sets.stream().flatMap(set -> set.images.stream()).toList(), progress);
        List<Score> scores = new ArrayList<>();
        int first = 0;
        for (Pictures set : sets) {
            int end = first + set.images.size();
            scores.add(score(set.samples, Arrays.copyOfRange(nearest, first, end)));
            first = end;
        }
        return scores;
    }

    private Score score(List<Integer> samples, int[] nearest) {
        return new Score(
                samples.size(),
                rate(samples, nearest, i -> data.splitKey(i).hashCode()),
                rate(samples, nearest, data::label),
                rate(samples, nearest, i -> HeldOutPairs.style(data, i).hashCode()));
    }

    /** The training image nearest to each picture. */
    private int[] nearest(List<RgbImage> images, Progress progress) {
        int[] best = new int[images.size()];
        float[] highest = new float[images.size()];
        Arrays.fill(highest, Float.NEGATIVE_INFINITY);
        try (NDManager scope = manager.newSubManager()) {
            NDArray queries = features(scope, images); // (Q, D)
            for (int first = 0; first < train.length; first += BATCH) {
                int[] batch = Arrays.copyOfRange(train, first, Math.min(first + BATCH, train.length));
                try (NDManager inner = scope.newSubManager()) {
                    List<RgbImage> pictures = Arrays.stream(batch)
                            .mapToObj(i -> data.get(i).image())
                            .toList();
                    NDArray near = features(inner, pictures).matMul(queries.transpose()); // (B, Q)
                    float[] cosines = near.toFloatArray();
                    for (int i = 0; i < cosines.length; i++) {
                        int query = i % best.length;
                        if (cosines[i] > highest[query]) {
                            highest[query] = cosines[i];
                            best[query] = batch[i / best.length];
                        }
                    }
                }
                progress.step(batch.length);
            }
        }
        return best;
    }

    /** Unit vectors {@code (n, D)}. */
    private NDArray features(NDManager scope, List<RgbImage> images) {
        List<NDArray> parts = new ArrayList<>();
        for (int first = 0; first < images.size(); first += BATCH) {
            NDArray x = Images.toTensor(scope, images.subList(first, Math.min(first + BATCH, images.size())));
            NDArray resized = ImageKernels.bicubic(x, side, side, false);
            NDArray pixels = encoder.pixelNorm().normalize(resized);
            NDArray token = ImageFeatures.of(encoder.backbone(), pixels).classToken();
            parts.add(token.div(Kernels.norm(token, 1)));
        }
        NDArray all = parts.get(0);
        for (NDArray part : parts.subList(1, parts.size())) {
            all = all.concat(part, 0);
        }
        return all;
    }

    private Rate rate(List<Integer> samples, int[] nearest, ToIntFunction<Integer> property) {
        double hits = 0;
        double chance = 0;
        for (int i = 0; i < nearest.length; i++) {
            int wanted = property.applyAsInt(samples.get(i));
            hits += property.applyAsInt(nearest[i]) == wanted ? 1 : 0;
            chance += Arrays.stream(train)
                            .filter(j -> property.applyAsInt(j) == wanted)
                            .count()
                    / (double) train.length;
        }
        return new Rate(hits / nearest.length, chance / nearest.length);
    }

    /**
     * Pictures, one for each of some captions.
     *
     * @param samples what each picture is of
     * @param images the pictures, in the same order
     */
    public record Pictures(List<Integer> samples, List<RgbImage> images) {
        /** Refuses none, and other numbers of the two. */
        public Pictures {
            if (samples.isEmpty() || samples.size() != images.size()) {
                throw new IllegalArgumentException(
                        "pictures: expected one for each of 1 or more samples, got " + images.size());
            }
        }
    }

    /**
     * A share of pictures, beside chance.
     *
     * @param share pictures whose nearest training image is right
     * @param chance what a training image at random gets
     */
    public record Rate(double share, double chance) {}

    /**
     * What the nearest training images are.
     *
     * @param count pictures
     * @param object of the same object (base name), in whatever style
     * @param group of the same group
     * @param style of the same style
     */
    public record Score(int count, Rate object, Rate group, Rate style) {}
}
