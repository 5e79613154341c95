// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.Crop;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.TestTimeRegisters;
import ai.dsr.encoders.vit.ViTBackbone;
import java.nio.file.Path;
import java.util.List;

/** Looks at an encoder with and without a plan, and writes {@value #JSON} and {@value #PAGE}. */
public final class EncoderInspection {
    /** The file of numbers. */
    public static final String JSON = "inspection.json";
    /** The page. */
    public static final String PAGE = "report.html";

    private static final int THUMBNAIL = 152; // twice the size on the page

    private final InspectedEncoder subject;
    private final InspectedImages images;
    private final int imageSize;
    private final OutlierRule rule;
    private final int detectLayer;
    private TokenProfile before;
    private TokenProfile after;

    /**
     * An inspection to run.
     *
     * @param imageSize side of the images in pixels
     * @param detectLayer block whose output the summary is about; negative ones count from the end
     */
    public EncoderInspection(
            InspectedEncoder subject, InspectedImages images, int imageSize, OutlierRule rule, int detectLayer) {
        int depth = subject.encoder().backbone().depth();
        if (detectLayer < -depth || detectLayer >= depth) {
            throw new IllegalArgumentException(
                    "--layer: expected " + -depth + " to " + (depth - 1) + ", got " + detectLayer);
        }
        this.subject = subject;
        this.images = images;
        this.imageSize = imageSize;
        this.rule = rule;
        this.detectLayer = Math.floorMod(detectLayer, depth);
    }

    /**
     * Measures.
     *
     * @param plan what to compare with, or null
     * @param manager parent of the managers that the work is done in
     */
    public Inspection run(RegisterPlan plan, NDManager manager, Progress.Factory progress) {
        ViTBackbone network = subject.encoder().backbone();
        before = measure(network, "Measuring", manager, progress);
        if (plan == null) {
            return result(null, null);
        }
        plan.requireFoundOn(subject.sha256());
        ViTBackbone withPlan = TestTimeRegisters.of(network, plan);
        after = measure(withPlan, "With the plan", manager, progress);
        try (Progress shown = progress.start("Comparing features", images.count())) {
            return result(
                    plan, FeatureSimilarity.measure(network, withPlan, before, detectLayer, images, manager, shown));
        }
    }

    private TokenProfile measure(ViTBackbone network, String task, NDManager manager, Progress.Factory progress) {
        try (Progress shown = progress.start(task, images.count())) {
            return new EncoderProbe(network, rule).measure(images, manager, shown);
        }
    }

    private Inspection result(RegisterPlan plan, FeatureSimilarity similarity) {
        return new Inspection(
                Inspection.FORMAT,
                subject.encoder().name(),
                subject.source(),
                subject.sha256(),
                images.source(),
                images.count(),
                imageSize,
                before.height(),
                before.width(),
                rule,
                detectLayer,
                before.statistics(),
                plan == null ? null : Inspection.PlanSummary.of(plan),
                after == null ? null : after.statistics(),
                similarity);
    }

    /**
     * Writes both files of what {@link #run} returned.
     *
     * @param command how to get them again
     */
    public void write(Path folder, Inspection found, String command) {
        List<Integer> shown = before.mostExtreme(detectLayer, EncoderReport.SHOWN);
        List<RgbImage> pictures = shown.stream()
                .map(image -> Crop.center(images.image(image), THUMBNAIL))
                .toList();
        List<String> names = shown.stream().map(images::name).toList();
        Json.write(folder.resolve(JSON), found);
        EncoderReport.of(found, before, after, shown, pictures, names, command).write(folder.resolve(PAGE));
    }
}
