// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.HeldOutPairs;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.eval.Retrieval;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.TextToImage;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Whether pictures show what their captions say. */
@Command(
        name = "retrieval",
        mixinStandardHelpOptions = true,
        description = "Draws captions that training has seen and combinations that it has not, and says how often the"
                + " nearest training image (class token of the bundle's vision encoder) is of the same object, group"
                + " and style, beside chance.")
public final class RetrievalCommand implements Callable<Integer> {
    private static final int MAX_GRID = 64;

    @Parameters(index = "0", paramLabel = "BUNDLE", description = "Folder of a text-to-image bundle or run.")
    private Path folder;

    @Option(names = "--count", paramLabel = "N", description = "Captions of each kind (default: ${DEFAULT-VALUE}).")
    private int count = 128;

    @Option(names = "--out", paramLabel = "DIR", description = "Output folder (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("out", "retrieval");

    @Mixin
    private SamplingOptions sampling;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (count < 1) {
            throw new IllegalArgumentException("--count: expected 1 or more, got " + count);
        }
        Bundle opened = Bundle.open(folder);
        Experiment experiment = sampling.apply(opened.experiment());
        if (!experiment.isTextToImage()) {
            throw new IllegalArgumentException(folder + ": expected a text-to-image bundle, got one of classes");
        }
        OutputFolder.create(out);
        ImageDataset data = DataSets.open(experiment.data());
        HeldOutPairs pairs = HeldOutPairs.of(data, experiment.text().heldOutPairs());
        Map<String, Retrieval.Score> scores = new LinkedHashMap<>();
        NDManager manager = common.openManager();
        try (TextToImage pipeline = TextToImage.load(new Bundle(experiment, opened.manifest()), manager)) {
            ViTEncoder encoder =
                    EncoderCatalog.open(experiment.resolve(experiment.rae().encoderConfigPath()), manager);
            int side = experiment.rae().encoderInputSize();
            Retrieval retrieval = new Retrieval(data, pairs, encoder, side, manager);
            Map<String, Retrieval.Pictures> sets = new LinkedHashMap<>();
            sets.put("seen", draw("seen", retrieval, pipeline, retrieval.seen(count, sampling.seed())));
            int[] heldOut = retrieval.heldOut(count, sampling.seed());
            if (heldOut.length > 0) {
                sets.put("held-out", draw("held-out", retrieval, pipeline, heldOut));
            }
            sets.forEach((name, pictures) -> writeSheet(name, pictures, data));
            try (Progress progress = Progress.start("Comparing", data.size())) {
                Iterator<Retrieval.Score> each =
                        retrieval.score(List.copyOf(sets.values()), progress).iterator();
                sets.keySet().forEach(name -> scores.put(name, each.next()));
            }
        }
        Json.write(out.resolve("retrieval.json"), scores);
        print(scores);
        return 0;
    }

    private Retrieval.Pictures draw(String name, Retrieval retrieval, TextToImage pipeline, int[] samples) {
        try (Progress progress = Progress.start("Drawing " + name + " captions", samples.length)) {
            return retrieval.draw(pipeline, samples, sampling.seed(), progress);
        }
    }

    private void writeSheet(String name, Retrieval.Pictures pictures, ImageDataset data) {
        int shown = Math.min(MAX_GRID, pictures.images().size());
        List<String> captions =
                pictures.samples().stream().limit(shown).map(data::caption).toList();
        ImageCodec.writePng(
                out.resolve(name + ".png"), LabelledGrid.of(pictures.images().subList(0, shown), captions));
    }

    private void print(Map<String, Retrieval.Score> scores) {
        PrintWriter writer = spec.commandLine().getOut();
        scores.forEach((name, score) -> writer.println(String.format(
                Locale.ROOT,
                "%-9s %d captions: object %s, group %s, style %s",
                name,
                score.count(),
                text(score.object()),
                text(score.group()),
                text(score.style()))));
        writer.println("pictures: " + out);
    }

    private static String text(Retrieval.Rate rate) {
        return String.format(Locale.ROOT, "%.1f%% (chance %.1f%%)", 100 * rate.share(), 100 * rate.chance());
    }
}
