// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.Split;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.sample.config.EvaluationConfig;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.eval.EvaluationReport;
import ai.dsr.sample.eval.Evaluator;
import ai.dsr.sample.eval.ImageSources;
import ai.dsr.sample.eval.Reference;
import ai.dsr.sample.eval.ReferenceFile;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.sample.images.NpzImages;
import ai.dsr.train.loop.RunLog;
import ai.dsr.train.loop.TrainHook;
import ai.dsr.train.loop.TrainState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Figures of the model in training, by the code of {@code evaluate}: images are drawn into an archive as {@code sample}
 * draws them, and the archive is evaluated.
 *
 * <p>Figures go into {@code metrics.jsonl} as {@code eval/ema/fd_dinov2} and the like, reports into {@code eval} of the
 * run folder.
 */
final class EvaluationHook implements TrainHook {
    private static final Logger LOG = LoggerFactory.getLogger(EvaluationHook.class);

    private final EvaluationConfig config;
    private final Evaluator evaluator;
    private final Reference reference;
    private final Drawer drawer;

    /** Draws images with the weights that the model has now. */
    @FunctionalInterface
    interface Drawer {
        /**
         * Writes an archive.
         *
         * @param target the archive, not there yet
         * @param weights which weights these are, such as {@code step 200 ema}
         */
        void draw(Path target, String weights);
    }

    private EvaluationHook(EvaluationConfig config, Evaluator evaluator, Reference reference, Drawer drawer) {
        this.config = config;
        this.evaluator = evaluator;
        this.reference = reference;
        this.drawer = drawer;
    }

    /**
     * The hook of a denoiser's run, whose samples are compared with a set; none if the configuration evaluates nothing.
     *
     * @param manager owns the networks
     * @throws IllegalArgumentException if networks or references are missing; before training starts
     */
    static List<TrainHook> ofSamples(Experiment experiment, NDManager manager, Drawer drawer) {
        return of(experiment, manager, drawer, Integer.MAX_VALUE);
    }

    /** The hook of a decoder's run, whose reconstructions of {@link #images} are compared with these one by one too. */
    static List<TrainHook> ofReconstructions(Experiment experiment, NDManager manager, Drawer drawer) {
        int most = experiment.has("eval") ? experiment.evaluation().numSamples() : 0;
        return of(experiment, manager, drawer, most);
    }

    private static List<TrainHook> of(Experiment experiment, NDManager manager, Drawer drawer, int mostImages) {
        if (!experiment.has("eval") || experiment.evaluation().evalInterval() == 0) {
            return List.of();
        }
        EvaluationConfig config = experiment.evaluation();
        Evaluator evaluator = Evaluator.of(config, experiment, manager);
        Reference whole = config.referenceNpzPath() == null
                ? Reference.of(images(experiment, config))
                : ReferenceFile.read(experiment.resolve(config.referenceNpzPath()));
        Reference reference = whole.withImages(mostImages);
        evaluator.require(reference, config.parsedMetrics());
        return List.of(new EvaluationHook(config, evaluator, reference, drawer));
    }

    /** The images of {@code data_path}, else those that training does not see. */
    static ImageSource images(Experiment experiment, EvaluationConfig config) {
        return config.dataPath() == null
                ? ImageSources.of("data", experiment.data(), Split.HELD_OUT)
                : ImageSources.open(
                        experiment.resolve(config.dataPath()).toString(),
                        experiment.data().imageSize());
    }

    @Override
    public void after(TrainState state, RunLog log) {
        if (state.step() % config.evalInterval() != 0) {
            return;
        }
        Map<String, Double> values = new LinkedHashMap<>();
        state.withAverage(() -> evaluate(state.step(), "ema", log, values));
        if (config.evalModel()) {
            evaluate(state.step(), "model", log, values);
        }
        log.values(state.step(), values);
        LOG.info("step={} {}", state.step(), values);
    }

    private void evaluate(long step, String weights, RunLog log, Map<String, Double> values) {
        String name = String.format(Locale.ROOT, "step-%07d-%s", step, weights);
        Path archive = log.runFolder().resolve("eval").resolve(name + ".npz");
        delete(archive); // of a run that was stopped and goes on from before this step
        drawer.draw(archive, "step " + step + " " + weights);
        EvaluationReport report = evaluator.evaluate(new NpzImages(archive), reference, config.parsedMetrics());
        report.write(archive.resolveSibling(name + ".json"));
        report.values().forEach((metric, value) -> values.put("eval/" + weights + "/" + metric, value));
        if (!config.keepSamples()) {
            delete(archive);
        }
    }

    private static void delete(Path archive) {
        try {
            Files.deleteIfExists(archive);
        } catch (IOException e) {
            throw new UncheckedIOException(archive + ": cannot be deleted: " + e.getMessage(), e);
        }
        AtomicFiles.deleteFolder(archive.resolveSibling(archive.getFileName() + ".parts"));
    }
}
