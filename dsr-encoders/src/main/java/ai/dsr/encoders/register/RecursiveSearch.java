// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.PlanEvidence.NormSummary;
import ai.dsr.encoders.vit.ViTBackbone;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds register neurons pass by pass: discover, put them to work, discover again, until few enough outliers are left.
 *
 * <p>One pass finds the neurons that write the present outliers; silenced, others may take over, which the next pass finds
 * (Dual-Stage Registers). Registers themselves never count as outliers.
 */
public final class RecursiveSearch {
    private RecursiveSearch() {}

    /** Images for a search, made when asked for, so that a large set needs little memory. */
    public interface Pixels {
        /** How many images. */
        int count();

        /** Image {@code index} as {@code (1, 3, H, W)}, normalised for the encoder, in {@code manager}. */
        NDArray get(NDManager manager, int index);
    }

    /**
     * Searches.
     *
     * @param manager parent of the managers that passes work in
     * @param progress shown once a pass
     * @return the merged plan without repetitions; its evidence has the passes, and leaves encoder and images to the
     *     caller
     * @throws IllegalStateException if the first pass finds no outlier at all
     */
    public static RegisterPlan run(
            ViTBackbone network,
            Pixels pixels,
            RecursiveSearchConfig config,
            NDManager manager,
            Progress.Factory progress) {
        RegisterPlan plan = config.plan();
        List<PlanEvidence.Round> rounds = new ArrayList<>();
        while (true) {
            int round = rounds.size() + 1;
            boolean isDone = round > config.rounds();
            NeuronSearch search = new NeuronSearch(withPlan(network, plan), config.search(), false);
            try (Progress shown =
                    progress.start(isDone ? "Checking the plan" : "Searching, round " + round, pixels.count())) {
                look(search, pixels, manager, shown);
            }
            NormSummary norms = search.patchNorms();
            if (round == 1) {
                search.scores(); // refuses images without outliers
            }
            if (isDone || norms.outlierRate() <= config.targetRate() || search.imagesWithOutliers() == 0) {
                return plan.withEvidence(new PlanEvidence(null, null, null, pixels.count(), 0, rounds, norms));
            }
            List<RankedNeuron> found = search.ranked();
            rounds.add(new PlanEvidence.Round(config.search(), norms, search.imagesWithOutliers(), found));
            plan = plan.withNeurons(plan.neurons().merge(NeuronSearch.neurons(found)));
        }
    }

    private static ViTBackbone withPlan(ViTBackbone network, RegisterPlan plan) {
        return plan.neurons().count() == 0 ? network : TestTimeRegisters.of(network, plan);
    }

    private static void look(NeuronSearch search, Pixels pixels, NDManager manager, Progress shown) {
        for (int i = 0; i < pixels.count(); i++) {
            try (NDManager scope = manager.newSubManager()) {
                search.add(pixels.get(scope, i));
            }
            shown.step(1);
        }
    }
}
