// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.dsr.core.checkpoint.TorchCheckpoint;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.io.StateDict;
import ai.dsr.dit.model.DiffusionTransformer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A file with weights and what it was found to be.
 *
 * @param file the file; of a folder of checkpoints the furthest one
 * @param kind what the weights are of
 * @param weights the weights, without tables that a model computes itself
 * @param facts where they come from, for the metadata of what is written: {@code source}, {@code source_sha256}, and of
 *     training checkpoints {@code weights}, {@code step} and {@code epoch}
 */
public record Source(Path file, Kind kind, StateDict weights, Map<String, String> facts) {
    private static final Set<String> STATISTICS = Set.of("mean", "var");

    /** What weights are of, by their names. */
    public enum Kind {
        /** A diffusion transformer. */
        DENOISER,
        /** The pixel decoder of an autoencoder. */
        DECODER,
        /** Mean and variance of latents. */
        STATISTICS,
        /** Something else, such as an encoder or the network of a metric. */
        MODEL;

        /** The name of the file that is written. */
        String fileName() {
            return name().toLowerCase(Locale.ROOT) + ".safetensors";
        }
    }

    /**
     * Reads a file of PyTorch or of safetensors.
     *
     * @param choice which weights of a training checkpoint
     * @throws IllegalArgumentException naming the file if it holds no weights, damaged ones, or not those asked for
     */
    public static Source open(Path path, WeightFile.Choice choice) {
        Path file = WeightFile.locate(path);
        if (!Files.exists(file)) {
            throw new IllegalArgumentException(path + ": expected a file with weights, got no such file");
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("source", String.valueOf(file.getFileName()));
        StateDict weights;
        if (Files.isRegularFile(file)) {
            facts.put("source_sha256", Sha256.ofFile(file));
        }
        if (Files.isRegularFile(file) && TorchCheckpoint.isTorch(file)) {
            TorchCheckpoint checkpoint = TorchCheckpoint.read(file);
            weights = WeightFile.weights(checkpoint, file, choice);
            addTraining(checkpoint, choice, facts);
        } else {
            weights = WeightFile.read(file, choice);
        }
        StateDict kept = inner(weights).filter(name -> !DiffusionTransformer.isDerived(name));
        return new Source(file, kind(kept), kept, facts);
    }

    private static void addTraining(TorchCheckpoint checkpoint, WeightFile.Choice choice, Map<String, String> facts) {
        if (checkpoint.get("model") instanceof Map) {
            facts.put("weights", choice.name().toLowerCase(Locale.ROOT));
        }
        for (String counter : new String[] {"step", "epoch"}) {
            if (checkpoint.get(counter) instanceof Long number) {
                facts.put(counter, number.toString());
            }
        }
    }

    /** Of a whole autoencoder the decoder, since its encoder is published elsewhere; a pretrained MAE stays whole. */
    private static StateDict inner(StateDict weights) {
        StateDict decoder = weights.under("decoder.");
        boolean isMae = weights.names().stream().anyMatch(name -> name.startsWith("vit."));
        return isDecoder(decoder) && !isMae ? decoder : weights;
    }

    private static boolean isDecoder(StateDict weights) {
        return weights.has("decoder_pred.weight") || weights.has("decoder_embed.weight");
    }

    private static Kind kind(StateDict weights) {
        if (STATISTICS.containsAll(weights.names())) {
            return Kind.STATISTICS;
        }
        if (isDecoder(weights)) {
            return Kind.DECODER;
        }
        boolean isDenoiser = weights.has("final_layer.linear.weight") && weights.has("x_embedder.proj.weight");
        return isDenoiser ? Kind.DENOISER : Kind.MODEL;
    }
}
