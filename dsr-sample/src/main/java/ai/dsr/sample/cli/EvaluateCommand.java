// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Sha256;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.config.LabelPolicy;
import ai.dsr.sample.config.Metric;
import ai.dsr.sample.eval.DatasetImages;
import ai.dsr.sample.eval.EvaluationReport;
import ai.dsr.sample.eval.Evaluator;
import ai.dsr.sample.eval.ImageSources;
import ai.dsr.sample.eval.NoiseImages;
import ai.dsr.sample.eval.Reference;
import ai.dsr.sample.eval.ReferenceFile;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.sample.images.NpzImages;
import ai.dsr.sample.pipeline.BulkPlan;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Scores images against a reference. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = "Scores images against a reference: a table here, everything that it depends on in a JSON file.")
public final class EvaluateCommand implements Callable<Integer> {
    private static final String NOISE = "noise";

    @Parameters(
            index = "0",
            paramLabel = "SAMPLES",
            description = "Folder of images, ADM sample batch (.npz), bundle or run folder (draws --num images), "
                    + "emoji:train|held_out|all, CONFIG.yaml:train|held_out|all, or noise.")
    private String samples;

    @Option(
            names = "--reference",
            required = true,
            paramLabel = "REF",
            description = "Folder of images, .npz of images or of statistics, emoji or a configuration"
                    + " (held-out images; or with :train, :all).")
    private String reference;

    @Option(
            names = "--metrics",
            paramLabel = "NAME",
            split = ",",
            description = "Of fid, sfid, is, pr, kid, fd_dinov2, psnr, ssim, l1 (default: fd_dinov2,pr, with"
                    + " --inception also fid,sfid,is).")
    private List<String> metrics;

    @Option(
            names = "--image-size",
            paramLabel = "PX",
            description = "Centre-crop the images of folders to this side, as ADM does.")
    private Integer imageSize;

    @Option(
            names = "--num",
            paramLabel = "N",
            description = "Images to draw from a bundle, or of noise (default: as many as the reference has);"
                    + " of data sets and folders a random part, of archives the first (default: all).")
    private Integer num;

    @Option(
            names = "--labels",
            paramLabel = "equal|random",
            description = "Classes of the images that are drawn (default: ${DEFAULT-VALUE}).")
    private LabelPolicy labels = LabelPolicy.EQUAL;

    @Mixin
    private SamplingOptions sampling;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = "Threads that draw from a bundle (default: ${DEFAULT-VALUE}).")
    private int workers = 1;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Where the report goes (default: SAMPLES.eval.json, emoji.eval.json and the like).")
    private Path json;

    @Option(
            names = "--compare",
            paramLabel = "FILE",
            description = "Report of an earlier evaluation to compare with; of the same specs.")
    private Path compare;

    @Option(names = "--force", description = "Compare although specs, numbers or sizes of images differ.")
    private boolean force;

    @Mixin
    private EvaluationOptions options;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Set<Metric> chosen = Metric.parse(metrics != null ? metrics : defaultMetrics());
        if (num != null && num < 1) {
            throw new IllegalArgumentException("--num: expected 1 or more, got " + num);
        }
        EvaluationReport earlier = compare == null ? null : EvaluationReport.read(compare);
        Bundle bundle = isBundle() ? openBundle() : null;
        Reference ref = openReference(bundle);
        try (NDManager manager = common.openManager()) {
            Evaluator evaluator = options.open(chosen, manager);
            evaluator.require(ref, chosen); // before hours of sampling
            ImageSource source = openSamples(bundle, ref);
            if (!force) {
                Evaluator.requireEqualSizes(source, ref);
            }
            EvaluationReport report = evaluator.evaluate(source, ref, chosen);
            Path file = json != null ? json : defaultFile(bundle != null);
            report.write(file);
            PrintWriter out = spec.commandLine().getOut();
            out.print(report.toTable());
            out.println("report:    " + file);
            if (earlier != null) {
                out.print(report.compare(earlier, force));
            }
        }
        return 0;
    }

    private List<String> defaultMetrics() {
        return options.hasInception() ? List.of("fid", "sfid", "is", "pr", "fd_dinov2") : List.of("fd_dinov2", "pr");
    }

    private boolean isBundle() {
        Path folder = Path.of(samples.replaceAll(":(train|held_out|all)$", ""));
        return Files.exists(folder.resolve("manifest.json")) && Files.exists(folder.resolve("config.yaml"));
    }

    private Bundle openBundle() {
        Bundle bundle = Bundle.open(Path.of(samples));
        return new Bundle(sampling.apply(bundle.experiment()), bundle.manifest());
    }

    /** Without --image-size, emoji are drawn at the size of the samples. */
    private Reference openReference(Bundle bundle) {
        if (reference.endsWith(".npz")) {
            return ReferenceFile.read(Path.of(reference));
        }
        Integer size = imageSize;
        if (size == null && reference.startsWith("emoji")) {
            size = bundle != null
                    ? Integer.valueOf(bundle.manifest().imageSize())
                    : samples.equals(NOISE)
                            ? null
                            : Integer.valueOf(firstOf(samples).width());
        }
        return Reference.of(ImageSources.open(reference, size));
    }

    private RgbImage firstOf(String source) {
        return Evaluator.first(ImageSources.open(source, imageSize));
    }

    private ImageSource openSamples(Bundle bundle, Reference ref) {
        if (bundle == null && !samples.equals(NOISE)) {
            ImageSource all = ImageSources.open(samples, imageSize);
            if (num == null) {
                return all;
            }
            return all instanceof DatasetImages data ? data.some(num, sampling.seed()) : all.limit(num);
        }
        int count = num != null ? num : countOf(ref);
        if (bundle == null) {
            int side = ref.images() == null
                    ? ref.about().imageSize()
                    : Evaluator.first(ref.images()).width();
            return new NoiseImages(count, side, sampling.seed());
        }
        BulkPlan plan = BulkPlan.of(bundle, count, labels, sampling.seed());
        Path file = options.cache()
                .resolve("samples")
                .resolve(Sha256.ofText(plan.text()).substring(0, 16) + ".npz");
        if (!Files.exists(file) || Files.exists(file.resolveSibling(file.getFileName() + ".parts"))) {
            BulkOptions.draw(bundle, plan, file, workers, common);
        }
        return new NpzImages(file);
    }

    private static int countOf(Reference ref) {
        if (ref.images() == null && (ref.about() == null || ref.about().imageSize() == null)) {
            throw new IllegalArgumentException(
                    ref.name() + ": expected to tell how many images to draw, got statistics alone; give --num");
        }
        return ref.images() != null ? ref.images().count() : ref.about().count();
    }

    /** Beside a folder or an archive; in the working folder for what is no place for results, such as a bundle. */
    private Path defaultFile(boolean isBundle) {
        Path path = Path.of(samples.replaceAll(":(train|held_out|all)$", "-$1"));
        return (isBundle ? path.toAbsolutePath().normalize().getFileName() : path.normalize())
                .resolveSibling(path.toAbsolutePath().normalize().getFileName() + ".eval.json");
    }
}
