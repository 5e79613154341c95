// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.guidance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Config;
import ai.dsr.core.config.ConfigException;
import ai.dsr.dit.TestArrays;
import ai.dsr.dit.model.Conditioning;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakCheck.class)
class GuidanceTest {
    private static final GuidanceInterval ALWAYS = new GuidanceInterval.Inside(0, 1);

    /** Notes the batch size of each call. */
    private record Counting(Denoiser inner, List<Long> batches) implements Denoiser {
        @Override
        public NDArray forward(NDArray x, NDArray t, NDArray y) {
            batches.add(x.getShape().get(0));
            return inner.forward(x, t, y);
        }

        @Override
        public Conditioning conditioning() {
            return inner.conditioning();
        }

        @Override
        public Shape latentShape() {
            return inner.latentShape();
        }
    }

    private static GuidanceConfig parse(String yaml) {
        return Config.parse("guidance: {" + yaml + "}", "test").bind("guidance", GuidanceConfig.class);
    }

    private static NDArray x(NDManager manager) {
        return TestArrays.normal(manager, 1, 3, 3, 2, 2);
    }

    private static NDArray y(NDManager manager) {
        return manager.create(new long[] {0, 1, 3});
    }

    @Test
    void scaleOneIsNoGuidance(NDManager manager) {
        Denoiser model = TestArrays.denoiser(manager, 2);
        Denoiser guide = TestArrays.denoiser(manager, 3);
        NDArray t = manager.create(new float[] {0.1f, 0.5f, 0.9f});
        NDArray expected = model.forward(x(manager), t, y(manager));
        Denoiser free = new ClassifierFreeGuidance(model, 1, ALWAYS);
        TensorAssert.assertClose(expected, free.forward(x(manager), t, y(manager)), 1e-5, 1e-5);
        Denoiser auto = new AutoGuidance(model, guide, 1, ALWAYS);
        TensorAssert.assertClose(expected, auto.forward(x(manager), t, y(manager)), 1e-5, 1e-5);
        assertSame(model, GuidanceConfig.OFF.guide(model, null));
    }

    @Test
    void eachSampleIsGuidedWithinTheIntervalEndsIncluded(NDManager manager) {
        Denoiser model = TestArrays.denoiser(manager, 4);
        NDArray x = x(manager);
        NDArray y = y(manager);
        NDArray t = manager.create(new float[] {0.2f, 0.7f, 0.71f});
        NDArray label = model.forward(x, t, y);
        NDArray none = model.forward(x, t, manager.create(new long[] {4, 4, 4}));
        NDArray got =
                parse("scale: 3, t-min: 0.2, t-max: 0.7").guide(model, null).forward(x, t, y);
        NDArray guided = none.add(label.sub(none).mul(3));
        TensorAssert.assertClose(rows(guided, 0, 2), rows(got, 0, 2), 1e-5, 1e-5);
        TensorAssert.assertClose(rows(label, 2, 3), rows(got, 2, 3), 1e-5, 1e-5);
    }

    private static NDArray rows(NDArray x, int from, int to) {
        return x.get(new NDIndex().addSliceDim(from, to));
    }

    @Test
    void skipIntervalsTurnGuidanceOffByTheFirstSample(NDManager manager) {
        Denoiser model = TestArrays.denoiser(manager, 5);
        NDArray x = x(manager);
        NDArray y = y(manager);
        String yaml = "scale: 3, skip_intervals: [[0.25, 0.5]]";
        NDArray low = manager.create(new float[] {0.25f, 0.9f, 0.9f});
        NDArray high = manager.create(new float[] {0.5f, 0.3f, 0.3f});
        NDArray label = model.forward(x, low, y);
        TensorAssert.assertClose(label, parse(yaml).guide(model, null).forward(x, low, y), 1e-5, 1e-5);
        NDArray none = manager.create(new long[] {4, 4, 4});
        NDArray weak = model.forward(x, low, none);
        NDArray half = weak.add(label.sub(weak).mul(1.5));
        NDArray milder = parse(yaml + ", interval_cfg: 1.5").guide(model, null).forward(x, low, y);
        TensorAssert.assertClose(half, milder, 1e-5, 1e-5);
        NDArray weakHigh = model.forward(x, high, none);
        NDArray guided = weakHigh.add(model.forward(x, high, y).sub(weakHigh).mul(3));
        TensorAssert.assertClose(guided, parse(yaml).guide(model, null).forward(x, high, y), 1e-5, 1e-5);
    }

    @ParameterizedTest
    @EnumSource
    void theWeakPredictionIsNotComputedWhereNobodyNeedsIt(GuidanceMethod method, NDManager manager) {
        List<Long> strong = new ArrayList<>();
        List<Long> weak = new ArrayList<>();
        Denoiser model = new Counting(TestArrays.denoiser(manager, 6), strong);
        Denoiser guide = new Counting(TestArrays.denoiser(manager, 7), weak);
        GuidanceConfig config = new GuidanceConfig(method, 2, 0.3, 0.6, null, null, 0, null);
        Denoiser guided = config.guide(model, guide);
        guided.forward(x(manager), manager.create(new float[] {0.1f, 0.9f, 0.7f}), y(manager));
        guided.forward(x(manager), manager.create(new float[] {0.1f, 0.5f, 0.7f}), y(manager));
        boolean isFree = method == GuidanceMethod.CFG;
        assertEquals(isFree ? List.of(3L, 6L) : List.of(3L, 3L), strong);
        assertEquals(isFree ? List.of() : List.of(3L), weak);
    }

    @Test
    void labelsMayOutliveTheState(NDManager manager) {
        Denoiser model = TestArrays.denoiser(manager, 8);
        NDArray y = y(manager);
        Denoiser guided = new ClassifierFreeGuidance(model, 2, ALWAYS);
        int before = manager.getManagedArrays().size();
        try (NDManager step = manager.newSubManager()) {
            guided.forward(x(step), step.ones(new Shape(3)), y);
        }
        assertEquals(before, manager.getManagedArrays().size());
    }

    @Test
    void badConfigurationsAreRefused(NDManager manager) {
        assertMessage("t_min: 0.6, t_max: 0.6", "t_min: expected less than t_max, got 0.6 and 0.6");
        assertMessage("scale: -1", "scale: expected a number >= 0, got -1.0");
        assertMessage("method: cgf", "expected one of cfg, autoguidance, got cgf");
        assertMessage("skip_intervals: [[0.5]]", "skip_intervals: expected pairs [low, high], got [0.5]");
        assertMessage(
                "skip_intervals: [[0.5, 0.2]]",
                "skip_intervals: expected pairs [low, high] with low < high, got [0.5, 0.2]");
        Denoiser model = TestArrays.denoiser(manager, 9);
        GuidanceConfig auto = parse("method: autoguidance, scale: 1.42");
        String message = assertThrows(IllegalArgumentException.class, () -> auto.guide(model, null))
                .getMessage();
        assertEquals(
                "guidance_model: expected a model for autoguidance, got none; give one or use method cfg", message);
    }

    private static void assertMessage(String yaml, String part) {
        String message = assertThrows(ConfigException.class, () -> parse(yaml)).getMessage();
        assertTrue(message.contains(part), message);
    }
}
