// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.SampleRequest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws images from a bundle or a run folder. */
@Command(
        name = "sample",
        mixinStandardHelpOptions = true,
        description = "Draws images from a bundle or a run folder: PNG files and one labelled grid.")
public final class SampleCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "BUNDLE", description = "Folder of a bundle or of a training run.")
    private Path folder;

    @Option(
            names = "--class",
            paramLabel = "CLASS",
            description = "Class by name, the beginning of a name, or number (default: all classes in turn).")
    private String className;

    @Option(names = "--count", paramLabel = "N", description = "Number of images (default: ${DEFAULT-VALUE}).")
    private int count = 16;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the noise (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--guidance",
            paramLabel = "SCALE",
            description = "Scale of classifier-free guidance; 1 is none (default: the bundle's).")
    private Double guidance;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Points of the time grid, one more than solver steps (default: the bundle's).")
    private Integer steps;

    @Option(names = "--out", paramLabel = "DIR", description = "Output folder (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("out");

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (count < 1) {
            throw new IllegalArgumentException("--count: expected 1 or more, got " + count);
        }
        Bundle bundle = Bundle.open(folder);
        try (ClassToImage pipeline = ClassToImage.load(bundle, common.openManager())) {
            SampleRequest request = request(pipeline.classNames());
            SamplerConfig sampler = sampler(bundle);
            GuidanceConfig guide = guidance(bundle);
            OutputFolder.create(out);
            List<RgbImage> images;
            try (Progress progress = Progress.start("Sampling", ClassToImage.work(count, sampler))) {
                images = pipeline.generate(request, sampler, guide, progress);
            }
            write(images, request, pipeline.classNames());
        }
        return 0;
    }

    private SampleRequest request(List<String> classNames) {
        if (className != null) {
            return SampleRequest.of(ClassNames.find(classNames, className), count, seed);
        }
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i * classNames.size() / Math.max(count, classNames.size());
        }
        return new SampleRequest(labels, seed);
    }

    private SamplerConfig sampler(Bundle bundle) {
        return steps == null
                ? bundle.experiment().sampler()
                : bundle.experiment()
                        .with(List.of("sampler.params.num_steps=" + steps))
                        .sampler();
    }

    private GuidanceConfig guidance(Bundle bundle) {
        return guidance == null
                ? bundle.experiment().guidance()
                : bundle.experiment()
                        .with(List.of("guidance.scale=" + guidance))
                        .guidance();
    }

    private void write(List<RgbImage> images, SampleRequest request, List<String> classNames) {
        int[] labels = request.labels();
        for (int i = 0; i < images.size(); i++) {
            String name =
                    String.format(Locale.ROOT, "%06d-%s.png", i, ClassNames.toFileName(classNames.get(labels[i])));
            ImageCodec.writePng(out.resolve(name), images.get(i));
        }
        Path grid = out.resolve("grid.png");
        ImageCodec.writePng(grid, LabelledGrid.of(images, request, classNames));
        PrintWriter writer = spec.commandLine().getOut();
        writer.println("images: " + out + " (" + images.size() + " PNG files)");
        writer.println("grid:   " + grid);
    }
}
