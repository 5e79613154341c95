// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleParts;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.Drawn;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.sample.provenance.Provenance;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
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
    private static final int BY_CLASS = 16;
    private static final int EACH_PROMPT = 4;

    @Parameters(index = "0", paramLabel = "BUNDLE", description = "Folder of a bundle or of a training run.")
    private Path folder;

    @ArgGroup
    private Subject subject = new Subject();

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "Number of images; with prompts, of each (default: 16, or 4 a prompt).")
    private Integer count;

    @Mixin
    private SamplingOptions sampling;

    @Option(names = "--out", paramLabel = "DIR", description = "Output folder (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("out");

    @Mixin
    private BulkOptions bulk;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    /** What to draw: at most one of these. */
    private static final class Subject {
        @Option(
                names = "--class",
                paramLabel = "CLASS",
                description = "Class by name, the beginning of a name, or number (default: all classes in turn).")
        private String className;

        @Option(names = "--prompt", paramLabel = "TEXT", description = "What to draw, in words.")
        private String prompt;

        @Option(names = "--prompts", paramLabel = "FILE", description = "Prompts, one a line.")
        private Path prompts;
    }

    @Override
    public Integer call() {
        if (count != null && count < 1) {
            throw new IllegalArgumentException("--count: expected 1 or more, got " + count);
        }
        boolean isBulk = bulk.isAsked();
        Bundle opened = Bundle.open(folder);
        Bundle bundle = new Bundle(sampling.apply(opened.experiment()), opened.manifest());
        if (isBulk) {
            spec.commandLine().getOut().println(bulk.run(bundle, sampling.seed(), common));
        } else if (subject.prompt != null || subject.prompts != null) {
            List<String> prompts =
                    subject.prompt != null ? List.of(subject.prompt) : PromptSampling.read(subject.prompts);
            new PromptSampling(bundle, prompts, count == null ? EACH_PROMPT : count, sampling)
                    .run(common.openManager(), out, spec.commandLine().getOut());
        } else {
            classes(bundle, count == null ? BY_CLASS : count);
        }
        return 0;
    }

    private void classes(Bundle bundle, int images) {
        Experiment experiment = bundle.experiment();
        if (experiment.isTextToImage()) {
            throw new IllegalArgumentException(
                    "--prompt: expected what to draw in words, got nothing; " + folder + " is a text-to-image bundle");
        }
        NDManager manager = common.openManager();
        Provenance.Run run = Provenance.Run.here(manager.getDevice(), sampling.precision());
        Provenance shared = Provenance.of(experiment, BundleParts.of(bundle), sampling.seed(), run);
        try (ClassToImage pipeline = ClassToImage.load(bundle, manager)) {
            pipeline.setPrecision(sampling.precision());
            SampleRequest request = request(pipeline.classNames(), images);
            OutputFolder.create(out);
            Drawn drawn;
            try (Progress progress = Progress.start("Sampling", ClassToImage.work(images, experiment.sampler()))) {
                drawn = pipeline.draw(0, request, experiment.sampler(), experiment.guidance(), progress);
            }
            write(drawn, request, pipeline.classNames(), shared);
        }
    }

    private SampleRequest request(List<String> classNames, int images) {
        if (subject.className != null) {
            return SampleRequest.of(ClassNames.find(classNames, subject.className), images, sampling.seed());
        }
        int[] labels = new int[images];
        for (int i = 0; i < images; i++) {
            labels[i] = i * classNames.size() / Math.max(images, classNames.size());
        }
        return new SampleRequest(labels, sampling.seed());
    }

    private void write(Drawn drawn, SampleRequest request, List<String> classNames, Provenance shared) {
        int[] labels = request.labels();
        for (int i = 0; i < labels.length; i++) {
            String name =
                    String.format(Locale.ROOT, "%06d-%s.png", i, ClassNames.toFileName(classNames.get(labels[i])));
            Provenance provenance =
                    shared.of(Provenance.Condition.CLASS, Integer.toString(labels[i]), i, drawn.evaluations());
            ImageCodec.writePng(out.resolve(name), drawn.images().get(i), provenance.toText());
        }
        Path grid = out.resolve("grid.png");
        ImageCodec.writePng(grid, LabelledGrid.of(drawn.images(), request, classNames));
        PrintWriter writer = spec.commandLine().getOut();
        writer.println("images: " + out + " (" + labels.length + " PNG files)");
        writer.println("grid:   " + grid);
        writer.println("evaluations of the denoiser for each: " + drawn.evaluations());
    }
}
