// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.kernel.Torch;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleParts;
import ai.dsr.sample.config.ProjectFiles;
import ai.dsr.sample.provenance.Provenance;
import ai.dsr.sample.provenance.Remake;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws a generated picture again. */
@Command(
        name = "remake",
        mixinStandardHelpOptions = true,
        description = "Draws a picture again from what its PNG file says of its making, and compares: exit code 0 for"
                + " the same pixels, 1 for others, with what differs.")
public final class RemakeCommand implements Callable<Integer> {
    private static final String MODELS = "models";

    @Parameters(index = "0", paramLabel = "PNG", description = "A picture that sample has written.")
    private Path png;

    @Option(
            names = "--bundle",
            paramLabel = "BUNDLE",
            description = "Bundle or run folder (default: the one under models/ that the picture names).")
    private Path folder;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The picture to write.")
    private Path out;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Provenance made = Provenance.read(png);
        Bundle bundle = folder != null ? Bundle.open(folder) : find(made.parts());
        NDManager manager = common.openManager();
        if (!common.isThreadsGiven()) {
            Torch.setThreads(made.run().threads()); // sums split over other threads round differently
        }
        Remake.Result result = Remake.run(png, bundle, manager);
        ImageCodec.writePng(out, result.image(), result.provenance().toText());
        PrintWriter writer = spec.commandLine().getOut();
        writer.println("picture: " + out);
        int pixels = result.image().width() * result.image().height();
        writer.println(
                result.isSame()
                        ? "pixels:  all " + pixels + " as before"
                        : "pixels:  " + result.differingPixels() + " of " + pixels + " differ");
        if (!result.differences().isEmpty()) {
            writer.println("differs: " + String.join(", ", result.differences()));
        } else if (!result.isSame()) {
            writer.println("differs: nothing that the picture records; the processor or its libraries may round"
                    + " differently");
        }
        return result.isSame() ? 0 : ErrorHandler.FAILED;
    }

    /** The bundle of these parts among those that come with the project. */
    private static Bundle find(BundleParts parts) {
        Path models = ProjectFiles.find(MODELS);
        List<Path> folders = List.of();
        if (Files.isDirectory(models)) {
            try (Stream<Path> entries = Files.list(models)) {
                folders = entries.filter(entry -> Files.exists(entry.resolve("manifest.json")))
                        .sorted()
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(models + ": cannot be listed: " + e.getMessage(), e);
            }
        }
        for (Path candidate : folders) {
            Bundle bundle = Bundle.open(candidate);
            if (bundle.experiment().has("stage_2") && BundleParts.of(bundle).equals(parts)) {
                return bundle;
            }
        }
        throw new IllegalArgumentException("--bundle: expected the bundle " + parts.digest()
                + " that the picture names, got none of that hash in " + folders + "; give one");
    }
}
