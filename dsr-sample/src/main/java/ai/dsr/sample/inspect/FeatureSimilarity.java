// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.RecursiveSearch.Pixels;
import ai.dsr.encoders.register.SortedNorms;
import ai.dsr.encoders.vit.MlpHook;
import ai.dsr.encoders.vit.PatchGrid;
import ai.dsr.encoders.vit.ViTBackbone;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Arrays;

/**
 * How much a plan turns the features of tokens: cosines between the normalised last tokens without and with it.
 *
 * @param ordinary of tokens that were no outliers
 * @param outliers of those that were, or null if there were none
 */
public record FeatureSimilarity(Cosines ordinary, Cosines outliers) {
    /**
     * Some cosines.
     *
     * @param tokens how many
     * @param mean their mean
     * @param p01 the cosine that 99 of 100 reach
     * @param min the smallest
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Cosines(long tokens, double mean, double p01, double min) {}

    /**
     * Compares two networks over images.
     *
     * @param before whose outliers in layer {@code detectLayer} tell the tokens apart
     */
    public static FeatureSimilarity measure(
            ViTBackbone without,
            ViTBackbone with,
            TokenProfile before,
            int detectLayer,
            Pixels pixels,
            NDManager manager,
            Progress progress) {
        float[][] cosines = new float[pixels.count()][];
        for (int image = 0; image < cosines.length; image++) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray x = pixels.get(scope, image);
                NDArray a = unit(features(without, x));
                cosines[image] =
                        a.mul(unit(features(with, x))).sum(new int[] {2}).toFloatArray(); // (1, P)
            }
            progress.step(1);
        }
        return new FeatureSimilarity(
                summary(cosines, before, detectLayer, false), summary(cosines, before, detectLayer, true));
    }

    private static NDArray features(ViTBackbone network, NDArray pixels) {
        PatchGrid grid = network.grid(pixels);
        NDArray x = network.forward(network.embed(pixels), grid, network.depth(), MlpHook.NONE);
        return network.norm(network.patches(x, grid), false); // (1, P, D)
    }

    private static NDArray unit(NDArray x) {
        return x.div(Kernels.norm(x, 2));
    }

    private static Cosines summary(float[][] cosines, TokenProfile before, int layer, boolean ofOutliers) {
        float[] chosen = new float[cosines.length * cosines[0].length];
        int count = 0;
        double sum = 0;
        for (int image = 0; image < cosines.length; image++) {
            boolean[] isOutlier = before.outliers(layer, image);
            for (int token = 0; token < isOutlier.length; token++) {
                if (isOutlier[token] == ofOutliers) {
                    sum += cosines[image][token];
                    chosen[count++] = cosines[image][token];
                }
            }
        }
        if (count == 0) {
            return null;
        }
        SortedNorms sorted = new SortedNorms(Arrays.copyOf(chosen, count));
        return new Cosines(count, sum / count, sorted.quantile(0.01), sorted.min());
    }
}
