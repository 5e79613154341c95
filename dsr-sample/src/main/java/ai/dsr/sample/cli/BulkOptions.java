// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.config.LabelPolicy;
import ai.dsr.sample.pipeline.BulkPlan;
import ai.dsr.sample.pipeline.BulkSampler;
import ai.dsr.sample.pipeline.ClassToImage;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of {@code sample} for many images in one archive. */
public final class BulkOptions {
    @Option(
            names = "--num",
            paramLabel = "N",
            description = "Draw N images of all classes into the archive --npz instead of PNG files. A run that was"
                    + " stopped goes on where it was.")
    private Integer num;

    @Option(
            names = "--labels",
            paramLabel = "equal|random",
            description = "How --num deals out the classes (default: ${DEFAULT-VALUE}).")
    private LabelPolicy labels = LabelPolicy.EQUAL;

    @Option(
            names = "--npz",
            paramLabel = "FILE",
            description = "ADM sample batch to write: arr_0 images, arr_1 labels, and how they were drawn.")
    private Path npz;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Threads that draw for --num, each with the model loaded; --threads counts for each of them"
                    + " (default: ${DEFAULT-VALUE}).")
    private int workers = 1;

    /** Whether many images are asked for. */
    boolean isAsked() {
        if ((num == null) != (npz == null)) {
            throw new IllegalArgumentException(
                    "--num and --npz: expected both or neither, got only " + (num == null ? "--npz" : "--num"));
        }
        return num != null;
    }

    /** Draws and returns what to tell the user. */
    String run(Bundle bundle, long seed, CommonOptions common) {
        BulkPlan plan = BulkPlan.of(bundle, num, labels, seed);
        draw(bundle, plan, npz, workers, common);
        return "images: " + npz + " (" + plan.count() + ", classes " + labels.label() + ", seed " + seed + ")";
    }

    /** Draws the images of a plan into an archive. */
    static void draw(Bundle bundle, BulkPlan plan, Path npz, int workers, CommonOptions common) {
        OutputFolder.create(npz.toAbsolutePath().getParent());
        BulkSampler sampler = new BulkSampler(plan, npz, bundle.manifest().imageSize());
        common.openManager().close(); // sets the number of threads, which the workers take over
        try (Progress progress = Progress.start("Sampling", plan.count())) {
            sampler.run(() -> ClassToImage.load(bundle, common.openManager()), workers, progress::step);
        }
    }
}
