// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.RegisterKernels;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.encoders.register.PlanEvidence.NormSummary;
import ai.dsr.encoders.vit.ViTBackbone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One pass that finds register neurons: those that are loud on outlier rows (Jiang et al., 2025).
 *
 * <p>Images are looked at one at a time. Row 0 of what is recorded is the class token, or, in an encoder without prefix
 * tokens, the mean over all rows. Registers of a plan that is at work are recorded as rows too; their norm counts only if
 * asked for.
 */
public final class NeuronSearch {
    private static final Comparator<RankedNeuron> BY_RANK = Comparator.comparingDouble(RankedNeuron::score)
            .reversed()
            .thenComparingInt(RankedNeuron::layer)
            .thenComparingInt(RankedNeuron::neuron);

    private final ViTBackbone network;
    private final NeuronSearchConfig config;
    private final boolean countsRegisters;
    private final int detectLayer;
    private final List<float[]> norms = new ArrayList<>();
    private final List<boolean[]> outliers = new ArrayList<>();
    private double[][] sums;
    private int counted;

    /**
     * A search in a network.
     *
     * @param countsRegisters whether rows of test-time registers may be outliers; otherwise their norm is taken as 0
     * @throws IllegalArgumentException if the network has no such detection layer
     */
    public NeuronSearch(ViTBackbone network, NeuronSearchConfig config, boolean countsRegisters) {
        this.network = network;
        this.config = config;
        this.countsRegisters = countsRegisters;
        detectLayer = config.detectLayerOf(network.depth());
    }

    /** Looks at images {@code (B, 3, H, W)}, normalised. */
    public void add(NDArray pixels) {
        for (long i = 0; i < pixels.getShape().get(0); i++) {
            try (TensorScope scope = TensorScope.under(pixels.getManager())) {
                addOne(scope.borrow(pixels).get(new NDIndex().addSliceDim(i, i + 1)));
            }
        }
    }

    private void addOne(NDArray pixels) {
        NDArray[] activations = new NDArray[network.depth()];
        List<NDArray> states = network.hiddenStates(pixels, (layer, activation) -> {
            activations[layer] = TensorScope.view(activation, pixels.getManager());
            return activation;
        });
        NDArray tokens = states.get(1 + detectLayer); // (1, T, D)
        NDArray norm = Kernels.norm(withFirstRow(tokens), 2).reshape(-1); // (T)
        NDArray mask = config.rule().exceeds(norm, patchMedian(tokens));
        float[] normOfRow = norm.toFloatArray();
        boolean[] isOutlier = mask.toBooleanArray();
        if (!countsRegisters) {
            Arrays.fill(normOfRow, normOfRow.length - network.suffixTokens(), normOfRow.length, 0);
            Arrays.fill(isOutlier, isOutlier.length - network.suffixTokens(), isOutlier.length, false);
        }
        if (!config.countsFirstRow()) {
            Arrays.fill(isOutlier, 0, firstPatch(), false);
        }
        norms.add(normOfRow);
        outliers.add(isOutlier);
        long[] rows = IntStream.range(0, isOutlier.length)
                .filter(row -> isOutlier[row])
                .mapToLong(row -> row)
                .toArray();
        if (sums == null) {
            sums = new double[activations.length]
                    [(int) activations[0].getShape().get(2)];
        }
        if (rows.length > 0) {
            counted++;
            addScores(activations, EngineArray.of(pixels.getManager(), rows));
        }
    }

    private void addScores(NDArray[] activations, NDArray rows) {
        for (int layer = 0; layer < activations.length; layer++) {
            double[] scores = scores(activations[layer], rows);
            for (int neuron = 0; neuron < scores.length; neuron++) {
                sums[layer][neuron] += scores[neuron];
            }
        }
    }

    private double[] scores(NDArray activation, NDArray rows) {
        try (TensorScope scope = TensorScope.under(activation.getManager())) {
            NDArray a = withFirstRow(scope.borrow(activation)).squeeze(0); // (T, F)
            NDArray scores = RegisterKernels.meanMagnitude(a, rows);
            if (config.sparsity() != null) {
                double fewest = config.sparsity().fraction() * a.getShape().get(0);
                scores = RegisterKernels.sparseOnly(scores, a, config.sparsity().activation(), fewest);
            }
            return scores.toDoubleArray();
        }
    }

    /** The rows as they are if a class token is the first, else with their mean in front. */
    private NDArray withFirstRow(NDArray x) {
        Shapes.require("rows", x, 1, Shapes.ANY, Shapes.ANY);
        return network.prefixTokens() == 0 ? RegisterKernels.prependMean(x) : x;
    }

    /** The median norm of the patches {@code (1)}; class token and registers have no say in it. */
    private NDArray patchMedian(NDArray tokens) {
        long end = tokens.getShape().get(1) - network.suffixTokens();
        NDArray patches = tokens.get(new NDIndex().addAllDim().addSliceDim(network.prefixTokens(), end));
        return RegisterKernels.median(Kernels.norm(patches, 2).squeeze(2)); // (1)
    }

    /** The recorded row of the first patch: behind the class token and trained registers, or behind the mean row. */
    private int firstPatch() {
        return Math.max(1, network.prefixTokens());
    }

    /** Norms of the patch tokens in the detection layer, over all images so far. */
    NormSummary patchNorms() {
        int outside = firstPatch() + network.suffixTokens();
        float[] all =
                new float[norms.stream().mapToInt(rows -> rows.length - outside).sum()];
        int count = 0;
        int above = 0;
        for (int image = 0; image < norms.size(); image++) {
            float[] rows = norms.get(image);
            for (int row = firstPatch(); row < rows.length - network.suffixTokens(); row++) {
                all[count++] = rows[row];
                above += outliers.get(image)[row] ? 1 : 0;
            }
        }
        SortedNorms sorted = new SortedNorms(all);
        return new NormSummary(count, sorted.median(), sorted.quantile(0.99), sorted.max(), (double) above / count);
    }

    /** How many images were looked at. */
    public int imageCount() {
        return norms.size();
    }

    /** How many of them had an outlier row and so took part in the scores. */
    public int imagesWithOutliers() {
        return counted;
    }

    /** Norms of the recorded rows in the detection layer, {@code [n][T]}. */
    public float[][] norms() {
        return norms.toArray(new float[0][]);
    }

    /** Which rows are outliers, {@code [n][T]}. */
    public boolean[][] outliers() {
        return outliers.toArray(new boolean[0][]);
    }

    /**
     * Mean scores over the images that had outliers, {@code [L][F]}.
     *
     * @throws IllegalStateException if no image had one
     */
    public float[][] scores() {
        if (counted == 0) {
            throw new IllegalStateException("search: expected an image with outliers (" + config.rule() + " in layer "
                    + detectLayer + "), got none among " + norms.size() + "; lower the threshold");
        }
        float[][] scores = new float[sums.length][sums[0].length];
        for (int layer = 0; layer < scores.length; layer++) {
            for (int neuron = 0; neuron < scores[layer].length; neuron++) {
                scores[layer][neuron] = (float) (sums[layer][neuron] / counted);
            }
        }
        return scores;
    }

    /** The {@code top_k} neurons of the allowed layers by score; equal scores go by layer, then neuron. */
    public List<RankedNeuron> ranked() {
        float[][] scores = scores();
        List<RankedNeuron> all = new ArrayList<>();
        for (int layer = 0; layer < scores.length; layer++) {
            for (int neuron = 0; config.allows(layer) && neuron < scores[layer].length; neuron++) {
                all.add(new RankedNeuron(layer, neuron, scores[layer][neuron]));
            }
        }
        all.sort(BY_RANK);
        return List.copyOf(all.subList(0, Math.min(config.topK(), all.size())));
    }

    /** The neurons of {@link #ranked} by layer. */
    public RegisterNeurons neurons() {
        return neurons(ranked());
    }

    /** Ranked neurons by layer, in order of rank within each. */
    public static RegisterNeurons neurons(List<RankedNeuron> ranked) {
        Map<Integer, List<Integer>> layers = new TreeMap<>();
        ranked.forEach(r ->
                layers.computeIfAbsent(r.layer(), layer -> new ArrayList<>()).add(r.neuron()));
        return RegisterNeurons.of(layers);
    }
}
