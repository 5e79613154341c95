// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleParts;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.Drawn;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import ai.dsr.sample.provenance.Provenance;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The part of {@code sample} that draws prompts. */
final class PromptSampling {
    /** A grid of more pictures than this helps nobody. */
    private static final int MAX_GRID = 64;

    private final Bundle bundle;
    private final List<String> prompts;
    private final int count;
    private final SamplingOptions sampling;

    /**
     * Pictures of some prompts.
     *
     * @param bundle its experiment has the sampler and guidance to use
     * @param count pictures a prompt
     * @param sampling seed and precision; sampler and guidance are those of the experiment
     */
    PromptSampling(Bundle bundle, List<String> prompts, int count, SamplingOptions sampling) {
        if (!bundle.experiment().isTextToImage()) {
            throw new IllegalArgumentException("--prompt: expected a text-to-image bundle, got one of classes "
                    + bundle.manifest().classes());
        }
        this.bundle = bundle;
        this.prompts = prompts;
        this.count = count;
        this.sampling = sampling;
    }

    /** One prompt a line; blank lines are left out. */
    static List<String> read(Path file) {
        try {
            List<String> prompts = Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (prompts.isEmpty()) {
                throw new IllegalArgumentException("--prompts: expected one prompt a line in " + file + ", got none");
            }
            return prompts;
        } catch (IOException e) {
            throw new UncheckedIOException("--prompts: " + file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Draws and writes all pictures and, if they are few, a grid. */
    void run(NDManager manager, Path out, PrintWriter writer) {
        Experiment experiment = bundle.experiment();
        long seed = sampling.seed();
        int evaluations = 0;
        Provenance.Run run = Provenance.Run.here(manager.getDevice(), sampling.precision());
        Provenance shared = Provenance.of(experiment, BundleParts.of(bundle), seed, run);
        List<RgbImage> images = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        try (TextToImage pipeline = TextToImage.load(bundle, manager)) {
            pipeline.setPrecision(sampling.precision());
            OutputFolder.create(out);
            long work = prompts.size() * TextToImage.work(TextRequest.of("", count, seed), experiment.sampler());
            try (Progress progress = Progress.start("Sampling", work)) {
                for (int i = 0; i < prompts.size(); i++) {
                    Drawn drawn = pipeline.generate(
                            TextRequest.of(prompts.get(i), count, seed),
                            experiment.sampler(),
                            experiment.guidance(),
                            progress);
                    write(out, i, drawn, shared);
                    evaluations = drawn.evaluations();
                    for (int j = 0; j < count && images.size() < MAX_GRID; j++) {
                        images.add(drawn.images().get(j));
                        labels.add(prompts.get(i));
                    }
                }
            }
        }
        ImageCodec.writePng(out.resolve("grid.png"), LabelledGrid.of(images, labels));
        writer.println("images: " + out + " (" + prompts.size() * count + " PNG files)");
        writer.println("grid:   " + out.resolve("grid.png"));
        writer.println("evaluations of the denoiser for each: " + evaluations);
    }

    private void write(Path out, int prompt, Drawn drawn, Provenance shared) {
        String text = prompts.get(prompt);
        for (int i = 0; i < drawn.images().size(); i++) {
            String name = String.format(Locale.ROOT, "%05d-%03d-%s.png", prompt, i, ClassNames.toFileName(text));
            Provenance provenance = shared.of(Provenance.Condition.PROMPT, text, i, drawn.evaluations());
            ImageCodec.writePng(out.resolve(name), drawn.images().get(i), provenance.toText());
        }
    }
}
