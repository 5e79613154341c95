// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.stats.Gaussian;
import ai.dsr.sample.config.Metric;
import ai.dsr.sample.eval.Evaluator;
import ai.dsr.sample.eval.ImageSources;
import ai.dsr.sample.eval.ReferenceFile;
import ai.dsr.sample.eval.ReferenceRecord;
import ai.dsr.sample.images.ImageSource;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Builds a reference file. */
@Command(
        name = "build",
        mixinStandardHelpOptions = true,
        description = "Computes the statistics of images once, in the form that ADM's evaluator reads too: mu, sigma,"
                + " mu_s, sigma_s with --inception, those of the encoder under names of their own.")
public final class ReferenceBuildCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "SOURCE",
            description = "Folder of images, .npz of images, emoji or a configuration (held-out images; or with :train,"
                    + " :all).")
    private String source;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The .npz to write.")
    private Path out;

    @Option(
            names = "--image-size",
            paramLabel = "PX",
            description = "Centre-crop the images to this side, as ADM does; written into the file.")
    private Integer imageSize;

    @Option(names = "--images", description = "Store the images too (arr_0), for precision, recall, kid and pairs.")
    private boolean storesImages;

    @Mixin
    private EvaluationOptions options;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!out.toString().endsWith(".npz")) {
            throw new IllegalArgumentException("--out: expected a name that ends in .npz, got " + out);
        }
        ImageSource images = ImageSources.open(source, imageSize);
        OutputFolder.create(out.toAbsolutePath().getParent());
        try (NDManager manager = common.openManager()) {
            Evaluator evaluator = options.open(Set.of(Metric.FD_DINOV2), manager);
            Map<String, Gaussian> statistics = evaluator.statistics(images);
            ReferenceRecord about = new ReferenceRecord(
                    ReferenceRecord.FORMAT,
                    images.name(),
                    images.count(),
                    commonSide(images),
                    images.origin().transform(),
                    evaluator.specs());
            ReferenceFile.write(out, statistics, about, storesImages ? images : null);
            spec.commandLine()
                    .getOut()
                    .println("reference: " + out + " (" + images.count() + " images, "
                            + images.origin().transform() + ", statistics of " + statistics.keySet() + ")");
        }
        return 0;
    }

    /** The side that all images have; null if there is none. */
    private static Integer commonSide(ImageSource images) {
        Integer side = null;
        try (ImageSource.Cursor cursor = images.open()) {
            for (int i = 0; i < images.count(); i++) {
                RgbImage image = cursor.next();
                if (image.width() != image.height() || (side != null && side != image.width())) {
                    return null;
                }
                side = image.width();
            }
        }
        return side;
    }
}
