// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.eval.ImageSources;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.sample.pipeline.Reconstruct;
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

/** Sends images through the autoencoder and back. */
@Command(
        name = "reconstruct",
        mixinStandardHelpOptions = true,
        description = "Encodes and decodes images: shows what the autoencoder keeps of them.")
public final class ReconstructCommand implements Callable<Integer> {
    private static final int SHOWN = 16;

    @Parameters(index = "0", paramLabel = "BUNDLE", description = "Folder of a bundle or of a training run.")
    private Path folder;

    @Option(
            names = "--images",
            paramLabel = "DIR|emoji",
            description = "Folder of images, or emoji for held-out icons (default: ${DEFAULT-VALUE}).")
    private String images = "emoji";

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Number of images at most (default: 16, with --npz all).")
    private Integer count;

    @Option(
            names = "--npz",
            paramLabel = "FILE",
            description = "Write the reconstructions into this ADM sample batch, in the order of the images, instead.")
    private Path npz;

    @Option(names = "--out", paramLabel = "DIR", description = "Output folder (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("out");

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (count != null && count < 1) {
            throw new IllegalArgumentException("--count: expected 1 or more, got " + count);
        }
        Bundle bundle = Bundle.open(folder);
        if (npz != null) {
            return archive(bundle);
        }
        List<RgbImage> originals = Reconstruct.originals(bundle, images, count == null ? SHOWN : count);
        OutputFolder.create(out);
        try (NDManager manager = common.openManager();
                Progress progress = Progress.start("Reconstructing", originals.size())) {
            Reconstruct.Result result = Reconstruct.run(bundle, originals, manager, progress);
            Path grid = out.resolve("reconstructions.png");
            ImageCodec.writePng(grid, Reconstruct.sheet(originals, result.images()));
            PrintWriter writer = spec.commandLine().getOut();
            writer.println("originals above reconstructions: " + grid);
            writer.println(String.format(Locale.ROOT, "PSNR %.2f dB over %d images", result.psnr(), originals.size()));
        }
        return 0;
    }

    private int archive(Bundle bundle) {
        ImageSource all = ImageSources.open(images, bundle.manifest().imageSize());
        ImageSource source = count == null ? all : all.limit(count);
        OutputFolder.create(npz.toAbsolutePath().getParent());
        try (NDManager manager = common.openManager();
                Progress progress = Progress.start("Reconstructing", source.count())) {
            RAE rae = Stages.autoencoder(bundle.experiment(), manager);
            Reconstruct.toArchive(rae, source, npz, manager, progress);
        }
        spec.commandLine().getOut().println("reconstructions: " + npz + " (" + source.count() + ")");
        return 0;
    }
}
