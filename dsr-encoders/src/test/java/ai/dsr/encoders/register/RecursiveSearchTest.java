// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.PlantedViT.Planted;
import ai.dsr.encoders.vit.ViT;
import ai.dsr.encoders.vit.ViTBackbone;
import ai.dsr.testkit.LeakCheck;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Outliers of known cause are found and removed. */
@ExtendWith(LeakCheck.class)
final class RecursiveSearchTest {
    private static final int IMAGES = 5;
    private static final Planted FIRST = new Planted(0, 11, 120);
    private static final Planted SECOND = new Planted(1, 23, 60);
    private static final double RATIO = 4;

    private static RegisterPlan search(NDManager manager, ViTBackbone network, OutlierRule rule, int topK, int rounds) {
        RecursiveSearchConfig config = new RecursiveSearchConfig(
                NeuronSearchConfig.of(-1, rule, topK), rounds, 0, RegisterPlan.of(RegisterNeurons.none()));
        return RecursiveSearch.run(
                network, PlantedViT.images(IMAGES), config, manager, (task, total) -> Progress.silent());
    }

    @Test
    void aPlantedNeuronIsFoundAndItsOutliersGo(NDManager manager) {
        ViT network = PlantedViT.network(manager, List.of(FIRST));
        RegisterPlan plan = search(manager, network, OutlierRule.timesMedian(RATIO), 1, 3);
        assertEquals(Map.of(0, List.of(11)), plan.neurons().byLayer());

        PlanEvidence evidence = plan.evidence();
        assertEquals(1, evidence.rounds().size()); // nothing is left for a second one
        assertEquals(IMAGES, evidence.rounds().get(0).imagesWithOutliers());
        assertEquals(1.0 / PlantedViT.PATCHES, evidence.rounds().get(0).before().outlierRate(), 1e-9);
        assertEquals(0, evidence.after().outlierRate());
        assertTrue(evidence.rounds().get(0).before().max() > 100);
        assertTrue(
                evidence.after().max() < 30,
                () -> "largest norm " + evidence.after().max());
    }

    @Test
    void anAbsoluteThresholdFindsItToo(NDManager manager) {
        ViT network = PlantedViT.network(manager, List.of(FIRST));
        RegisterPlan plan = search(manager, network, OutlierRule.above(60), 1, 1);
        assertEquals(Map.of(0, List.of(11)), plan.neurons().byLayer());
        assertEquals(0, plan.evidence().after().outlierRate());
    }

    @Test
    void ofTwoPlantedNeuronsEachRoundFindsOne(NDManager manager) {
        ViT network = PlantedViT.network(manager, List.of(FIRST, SECOND));
        OutlierRule rule = OutlierRule.timesMedian(RATIO);
        RegisterPlan once = search(manager, network, rule, 1, 1);
        assertEquals(1, once.neurons().count());
        assertTrue(once.evidence().after().outlierRate() > 0);
        RegisterPlan twice = search(manager, network, rule, 1, 4);
        assertEquals(Map.of(0, List.of(11), 1, List.of(23)), twice.neurons().byLayer());
        assertEquals(2, twice.evidence().rounds().size());
        assertEquals(0, twice.evidence().after().outlierRate());
    }

    @Test
    void theTargetRateEndsTheSearchEarly(NDManager manager) {
        ViT network = PlantedViT.network(manager, List.of(FIRST, SECOND));
        NeuronSearchConfig search = NeuronSearchConfig.of(-1, OutlierRule.timesMedian(RATIO), 1);
        RegisterPlan plan = RecursiveSearch.run(
                network,
                PlantedViT.images(2),
                new RecursiveSearchConfig(search, 3, 0.05, RegisterPlan.of(RegisterNeurons.none())),
                manager,
                (task, total) -> Progress.silent());
        assertEquals(0, plan.neurons().count()); // one token in 36 is fewer than 5 in 100
        assertEquals(List.of(), plan.evidence().rounds());
    }

    @Test
    void aPlanToStartFromIsKept(NDManager manager) {
        ViT network = PlantedViT.network(manager, List.of(FIRST, SECOND));
        NeuronSearchConfig search = NeuronSearchConfig.of(-1, OutlierRule.timesMedian(RATIO), 1);
        RegisterPlan start = RegisterPlan.of(RegisterNeurons.of(Map.of(0, List.of(11))));
        RegisterPlan plan = RecursiveSearch.run(
                network,
                PlantedViT.images(2),
                new RecursiveSearchConfig(search, 1, 0, start),
                manager,
                (task, total) -> Progress.silent());
        assertEquals(Map.of(0, List.of(11), 1, List.of(23)), plan.neurons().byLayer());
    }

    @Test
    void ordinaryTokensKeepTheirFeatures(NDManager manager) {
        ViT network = PlantedViT.network(manager, List.of(new Planted(2, 11, 120)));
        RegisterPlan plan = RegisterPlan.of(RegisterNeurons.of(Map.of(2, List.of(11))));
        NDArray x = PlantedViT.image(manager, 0);
        NDArray before = last(network, x);
        NDArray after = last(TestTimeRegisters.of(network, plan), x);
        NDArray cosine = before.mul(after)
                .sum(new int[] {2})
                .div(before.norm(new int[] {2}).mul(after.norm(new int[] {2})));
        float[] each = cosine.toFloatArray();
        for (int patch = 0; patch < each.length; patch++) {
            boolean isBright = patch == PlantedViT.brightPatch(0);
            assertEquals(isBright, each[patch] < 0.9, "patch " + patch + ": cosine " + each[patch]);
        }
    }

    private static NDArray last(ViTBackbone network, NDArray x) {
        List<NDArray> states = network.hiddenStates(x);
        return network.patches(states.get(states.size() - 1), network.grid(x));
    }

    @Test
    void aModelWithoutOutliersIsSaidToHaveNone(NDManager manager) {
        ViT network = PlantedViT.network(manager, List.of());
        String message = assertThrows(
                        IllegalStateException.class, () -> search(manager, network, OutlierRule.timesMedian(50), 1, 1))
                .getMessage();
        assertEquals(
                "search: expected an image with outliers (norm > 50.0 x median in layer 2), got none among 5;"
                        + " lower the threshold",
                message);
    }

    @Test
    void badSettingsAreRefused() {
        NeuronSearchConfig search = NeuronSearchConfig.of(-1, OutlierRule.above(1), 1);
        RegisterPlan plan = RegisterPlan.of(RegisterNeurons.none());
        assertEquals(
                "rounds: expected 1 or more, got 0",
                assertThrows(IllegalArgumentException.class, () -> new RecursiveSearchConfig(search, 0, 0, plan))
                        .getMessage());
        assertEquals(
                "target_rate: expected 0 to 1, got 2.0",
                assertThrows(IllegalArgumentException.class, () -> new RecursiveSearchConfig(search, 1, 2, plan))
                        .getMessage());
    }
}
