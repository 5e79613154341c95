// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.provenance;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleParts;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.Drawn;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Draws a picture again from its provenance and says whether it is the same, and if not, what differs. */
public final class Remake {
    private Remake() {}

    /**
     * Draws the picture of a file again.
     *
     * @param png a picture with provenance
     * @param bundle what to draw with; it need not be the original one
     * @param manager owns the models while this runs, and is closed with them
     */
    public static Result run(Path png, Bundle bundle, NDManager manager) {
        Provenance made = Provenance.read(png);
        RgbImage before = ImageCodec.read(png);
        Experiment experiment =
                bundle.experiment().with(List.of("sampler=" + made.sampler(), "guidance=" + made.guidance()));
        BundleParts parts = BundleParts.of(bundle);
        Provenance.Run here = Provenance.Run.here(manager.getDevice(), made.precision());
        Drawn drawn = draw(made, new Bundle(experiment, bundle.manifest()), manager);
        Provenance now = Provenance.of(experiment, parts, made.seed(), here)
                .of(made.condition(), made.value(), made.index(), drawn.evaluations());
        return new Result(
                drawn.images().get(0),
                now,
                differingPixels(before, drawn.images().get(0)),
                differences(made, now));
    }

    private static Drawn draw(Provenance made, Bundle bundle, NDManager manager) {
        Experiment experiment = bundle.experiment();
        if (made.condition() == Provenance.Condition.PROMPT) {
            try (TextToImage pipeline = TextToImage.load(bundle, manager)) {
                pipeline.setPrecision(made.precision());
                TextRequest request = new TextRequest(made.value(), made.index(), 1, made.seed());
                return pipeline.generate(request, experiment.sampler(), experiment.guidance(), Progress.silent());
            }
        }
        try (ClassToImage pipeline = ClassToImage.load(bundle, manager)) {
            pipeline.setPrecision(made.precision());
            SampleRequest request = SampleRequest.of(Integer.parseInt(made.value()), 1, made.seed());
            return pipeline.draw(made.index(), request, experiment.sampler(), experiment.guidance(), Progress.silent());
        }
    }

    /** Pixels of which a channel differs; all of them if the sizes do. */
    private static int differingPixels(RgbImage a, RgbImage b) {
        int pixels = b.width() * b.height();
        if (a.width() != b.width() || a.height() != b.height()) {
            return pixels;
        }
        byte[] left = a.toBytes();
        byte[] right = b.toBytes();
        int count = 0;
        for (int i = 0; i < pixels; i++) {
            boolean same = true;
            for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
                same &= left[i * RgbImage.CHANNELS + channel] == right[i * RgbImage.CHANNELS + channel];
            }
            count += same ? 0 : 1;
        }
        return count;
    }

    private static List<String> differences(Provenance made, Provenance now) {
        List<String> differences = new ArrayList<>(made.parts().differences(now.parts()));
        compare(differences, "version", made.run().version(), now.run().version());
        compare(differences, "precision", made.run().precision(), now.run().precision());
        compare(differences, "device", made.run().device(), now.run().device());
        compare(differences, "threads", made.run().threads(), now.run().threads());
        compare(differences, "evaluations", made.evaluations(), now.evaluations());
        return differences;
    }

    private static void compare(List<String> differences, String name, Object made, Object now) {
        if (!made.equals(now)) {
            differences.add(name + " (" + made + ", now " + now + ")");
        }
    }

    /**
     * What came out.
     *
     * @param image the picture drawn now
     * @param provenance its own provenance
     * @param differingPixels how many pixels are not as before
     * @param differences what was not as before: parts of the bundle, version, device, threads
     */
    public record Result(RgbImage image, Provenance provenance, int differingPixels, List<String> differences) {
        /** Whether every pixel is as before. */
        public boolean isSame() {
            return differingPixels == 0;
        }
    }
}
