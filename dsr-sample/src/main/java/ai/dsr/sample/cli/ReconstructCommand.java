// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.bundle.Bundle;
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
    @Parameters(index = "0", paramLabel = "BUNDLE", description = "Folder of a bundle or of a training run.")
    private Path folder;

    @Option(
            names = "--images",
            paramLabel = "DIR|emoji",
            description = "Folder of images, or emoji for held-out icons (default: ${DEFAULT-VALUE}).")
    private String images = "emoji";

    @Option(names = "--count", paramLabel = "N", description = "Number of images (default: ${DEFAULT-VALUE}).")
    private int count = 16;

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
        List<RgbImage> originals = Reconstruct.originals(bundle, images, count);
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
}
