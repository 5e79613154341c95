// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.config.ProjectFiles;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.Reconstruct;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.train.run.Curves;
import ai.dsr.train.run.DenoiserRun;
import ai.dsr.train.run.TrainingRun;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The whole of the library on its embedded data: images, latents, training, samples. */
@Command(
        name = "quickstart",
        mixinStandardHelpOptions = true,
        description = "Runs everything once on the embedded emoji: encodes them, reconstructs some, trains the shipped"
                + " denoiser a little further and draws new ones. Some minutes on two cores.")
final class QuickstartCommand implements Callable<Integer> {
    private static final int RECONSTRUCTIONS = 16;
    private static final int EACH_CLASS = 4;

    @Option(names = "--steps", paramLabel = "N", description = "Training steps (default: that of the configuration).")
    private Integer steps;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Run folder (default: runs/quickstart, or the next free).")
    private Path out;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Path dir = out != null ? out : freeFolder();
        List<String> overrides = new ArrayList<>();
        if (steps != null) {
            overrides.add("training.steps=" + steps);
            overrides.add("training.scheduler.decay_end_steps=" + steps);
        }
        Experiment experiment = Experiment.load(ProjectFiles.find("configs/emoji/quickstart.yaml"), overrides)
                .withPath("run.dir", dir);
        OutputFolder.create(dir.toAbsolutePath().getParent());
        PrintWriter writer = spec.commandLine().getOut();
        try (NDManager manager = common.openManager()) {
            writer.println("1/3  Encoding the emoji with DINOv2 and training the denoiser with its registers");
            TrainingRun.train(DenoiserRun::open, experiment, manager, TrainingRun.Options.fresh());
            Bundle bundle = Bundle.open(dir);
            writer.println("2/3  Reconstructing icons that training has not seen");
            Path reconstructions = reconstruct(bundle, manager, dir, writer);
            writer.println("3/3  Drawing new ones");
            Path grid = sample(bundle, dir);
            Path curve = dir.resolve("loss.png");
            Curves.writeLoss(dir, curve);
            writer.println();
            writer.println("originals above reconstructions: " + reconstructions);
            writer.println("samples by class:                " + grid);
            writer.println("loss curve:                      " + curve);
            writer.println("run folder:                      " + dir);
        }
        return 0;
    }

    private static Path freeFolder() {
        Path dir = Path.of("runs", "quickstart");
        for (int i = 2; Files.exists(dir); i++) {
            dir = Path.of("runs", "quickstart-" + i);
        }
        return dir;
    }

    private static Path reconstruct(Bundle bundle, NDManager manager, Path dir, PrintWriter writer) {
        List<RgbImage> originals = Reconstruct.originals(bundle, "emoji", RECONSTRUCTIONS);
        try (Progress progress = Progress.start("Reconstructing", originals.size())) {
            Reconstruct.Result result = Reconstruct.run(bundle, originals, manager, progress);
            Path file = dir.resolve("reconstructions.png");
            ImageCodec.writePng(file, Reconstruct.sheet(originals, result.images()));
            writer.println(String.format(Locale.ROOT, "     PSNR %.2f dB", result.psnr()));
            return file;
        }
    }

    private Path sample(Bundle bundle, Path dir) {
        Path file = dir.resolve("samples.png");
        try (ClassToImage pipeline = ClassToImage.load(bundle, common.openManager())) {
            SampleRequest request =
                    SampleRequest.ofAllClasses(pipeline.classNames().size(), EACH_CLASS, 0);
            Experiment experiment = bundle.experiment();
            List<RgbImage> images;
            long work = ClassToImage.work(request.labels().length, experiment.sampler());
            try (Progress progress = Progress.start("Sampling", work)) {
                images = pipeline.generate(request, experiment.sampler(), experiment.guidance(), progress);
            }
            ImageCodec.writePng(file, LabelledGrid.of(images, request, pipeline.classNames()));
        }
        return file;
    }
}
