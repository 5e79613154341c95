// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleParts;
import ai.dsr.sample.export.DpgFolder;
import ai.dsr.sample.export.GenEvalFolder;
import ai.dsr.sample.export.PromptExport;
import ai.dsr.sample.export.PromptLayout;
import ai.dsr.sample.pipeline.TextToImage;
import ai.dsr.sample.provenance.Provenance;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Pictures of benchmark prompts for the benchmarks' own scorers. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Draws the prompts of a text-to-image benchmark into the folders that its own scorer reads. An"
                + " export that was stopped goes on when it is called again.")
public final class ExportCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "expected a benchmark, one of "
                        + String.join(", ", spec.subcommands().keySet()));
    }

    @Command(name = "geneval", mixinStandardHelpOptions = true, description = "GenEval: a folder a prompt.")
    int genEval(
            @Parameters(paramLabel = "METADATA", description = "The benchmark's evaluation_metadata.jsonl.")
                    Path metadata,
            @Parameters(paramLabel = "BUNDLE", description = "Folder of a bundle or of a training run.") Path bundle,
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder to score.")
                    Path out,
            @Option(
                            names = "--count",
                            defaultValue = "4",
                            paramLabel = "N",
                            description = "Images a prompt (default: ${DEFAULT-VALUE}).")
                    int count,
            @Mixin SamplingOptions sampling,
            @Mixin CommonOptions common) {
        return export(
                bundle, out, sampling, common, open -> new GenEvalFolder(out, GenEvalFolder.read(metadata), count));
    }

    @Command(name = "dpg", mixinStandardHelpOptions = true, description = "DPG-Bench: a file of tiles a prompt.")
    int dpg(
            @Parameters(paramLabel = "PROMPTS", description = "The benchmark's folder of <id>.txt files.") Path prompts,
            @Parameters(paramLabel = "BUNDLE", description = "Folder of a bundle or of a training run.") Path bundle,
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder to score.")
                    Path out,
            @Option(
                            names = "--pic-num",
                            defaultValue = "4",
                            paramLabel = "N",
                            description = "Images a prompt, a square (default: ${DEFAULT-VALUE}).")
                    int picNum,
            @Option(
                            names = "--resolution",
                            paramLabel = "R",
                            description = "Side of a tile, as given to the scorer (default: the model's).")
                    Integer resolution,
            @Mixin SamplingOptions sampling,
            @Mixin CommonOptions common) {
        return export(
                bundle,
                out,
                sampling,
                common,
                open -> new DpgFolder(
                        out,
                        DpgFolder.read(prompts),
                        picNum,
                        resolution == null ? open.manifest().imageSize() : resolution));
    }

    private int export(
            Path folder,
            Path out,
            SamplingOptions sampling,
            CommonOptions common,
            Function<Bundle, PromptLayout> layouts) {
        Bundle opened = Bundle.open(folder);
        Bundle bundle = new Bundle(sampling.apply(opened.experiment()), opened.manifest());
        PromptLayout layout = layouts.apply(bundle);
        NDManager manager = common.openManager();
        Provenance.Run run = Provenance.Run.here(manager.getDevice(), sampling.precision());
        Provenance shared = Provenance.of(bundle.experiment(), BundleParts.of(bundle), sampling.seed(), run);
        try (TextToImage pipeline = TextToImage.load(bundle, manager)) {
            pipeline.setPrecision(sampling.precision());
            OutputFolder.create(out);
            long work = PromptExport.work(layout, bundle.experiment());
            try (Progress progress = Progress.start("Exporting", work)) {
                int drawn = new PromptExport(pipeline, shared).run(layout, progress);
                spec.commandLine()
                        .getOut()
                        .println("prompts: " + layout.size() + " in " + out + ", " + drawn + " of them drawn now");
            }
        }
        return 0;
    }
}
