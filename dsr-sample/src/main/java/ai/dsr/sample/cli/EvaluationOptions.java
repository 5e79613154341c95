// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.run.Progress;
import ai.dsr.core.stats.DistanceType;
import ai.dsr.core.stats.KernelDistance;
import ai.dsr.core.stats.PrecisionRecall;
import ai.dsr.sample.config.EvaluationConfig;
import ai.dsr.sample.config.Metric;
import ai.dsr.sample.config.ProjectFiles;
import ai.dsr.sample.eval.EvaluationNetworks;
import ai.dsr.sample.eval.EvaluationSettings;
import ai.dsr.sample.eval.Evaluator;
import java.nio.file.Path;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options of the commands that describe images by networks. */
public final class EvaluationOptions {
    @Option(
            names = "--inception",
            paramLabel = "FILE",
            description = "Weights of the FID variant of Inception-V3 in safetensors, made of the published"
                    + " pt_inception-2015-12-05-6726825d.pth by ./dsr convert; needed for fid, sfid and is.")
    private Path inception;

    @Option(
            names = "--encoder",
            paramLabel = "DIR",
            description = "Encoder of fd_dinov2 in Hugging Face's layout (default: ${DEFAULT-VALUE}).")
    private String encoder = EvaluationConfig.ENCODER;

    @Option(
            names = "--encoder-size",
            paramLabel = "PX",
            description = "Side to which images are resized for the encoder (default: ${DEFAULT-VALUE});"
                    + " published numbers of DINOv2 ViT-L/14 use 224.")
    private int encoderSize = EvaluationConfig.ENCODER_SIZE;

    @Option(
            names = "--nhood-size",
            paramLabel = "K",
            description = "Neighbours of precision and recall (default: ${DEFAULT-VALUE}).")
    private int neighbours = PrecisionRecall.NEIGHBOURS;

    @Option(
            names = "--distances",
            paramLabel = "float32|float64|adm",
            description = "Numbers of the distances of precision and recall; adm rounds to float16 as ADM's evaluator"
                    + " (default: ${DEFAULT-VALUE}).")
    private DistanceType distances = DistanceType.FLOAT32;

    @Option(
            names = "--torch-fidelity-is",
            description = "Inception score in 10 shuffled splits, as torch-fidelity, instead of ADM's runs of 5000.")
    private boolean isFidelity;

    @Option(names = "--kid-subsets", paramLabel = "N", description = "Subsets of kid (default: ${DEFAULT-VALUE}).")
    private int kidSubsets = KernelDistance.SUBSETS;

    @Option(
            names = "--kid-subset-size",
            paramLabel = "N",
            description = "Images in each of them (default: ${DEFAULT-VALUE}).")
    private int kidSubsetSize = KernelDistance.SUBSET_SIZE;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            description = "Folder of features and samples that can be used again (default: ${DEFAULT-VALUE}).")
    private Path cache = Path.of(".cache");

    /** Where features and samples are kept. */
    Path cache() {
        return cache;
    }

    /** Whether Inception is at hand. */
    boolean hasInception() {
        return inception != null;
    }

    /** Loads the networks that some metrics need; {@code manager} owns them. */
    Evaluator open(Set<Metric> metrics, NDManager manager) {
        return new Evaluator(
                EvaluationNetworks.load(metrics, inception, ProjectFiles.find(encoder), encoderSize, manager),
                new EvaluationSettings(neighbours, distances, isFidelity, kidSubsets, kidSubsetSize),
                cache,
                manager,
                Progress::start);
    }
}
