// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Weights in any file that this library or the Python code writes, as one state dict; formats are told by content.
 *
 * <p>A checkpoint of PyTorch may be a bare state dict, statistics ({@code mean} and {@code var}, of which null counts as
 * absent), a dictionary with {@code state_dict}, or a training checkpoint. Of the last the averaged weights are taken, as
 * the reference does; names lose the prefixes that wrappers of modules leave behind.
 */
public final class WeightFile {
    private static final String EMA = "ema";
    private static final String MODEL = "model";
    private static final String STATE_DICT = "state_dict";

    /** What DistributedDataParallel and torch.compile put before every name. */
    private static final List<String> WRAPPERS = List.of("module.", "_orig_mod.");

    /** What the Python code calls its checkpoints; the number is an epoch. */
    private static final Pattern CHECKPOINT = Pattern.compile("ep-(\\d{1,18}|last)\\.pt");

    /** Which weights of a training checkpoint. */
    public enum Choice {
        /** The averaged ones, which must be there; a file that is no training checkpoint is taken as it is. */
        EMA,
        /** The ones that were training. */
        MODEL
    }

    private WeightFile() {}

    /** Reads averaged weights, or those of a file that has no others. See {@link #read(Path, Choice)}. */
    public static StateDict read(Path path) {
        return read(path, Choice.EMA);
    }

    /**
     * Reads weights.
     *
     * @param path a file of safetensors or of PyTorch; a folder of safetensors; or a folder of training checkpoints, of
     *     which the furthest one is taken
     * @throws IllegalArgumentException naming the file if it holds no weights, damaged ones, or not those asked for
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static StateDict read(Path path, Choice choice) {
        Path file = locate(path);
        if (Files.isDirectory(file)) {
            return SafeTensors.readFolder(file);
        }
        return isSafeTensors(file) ? SafeTensors.read(file) : weights(TorchCheckpoint.read(file), file, choice);
    }

    /** The weights of a checkpoint that has been read from {@code file}. */
    public static StateDict weights(TorchCheckpoint checkpoint, Path file, Choice choice) {
        if (!(checkpoint.root() instanceof Map<?, ?> root)) {
            throw new IllegalArgumentException(file + ": expected a dictionary of tensors, got another object");
        }
        String wanted = choice.name().toLowerCase(Locale.ROOT);
        if (root.get(wanted) instanceof Map<?, ?> chosen) {
            return stateDict(file, chosen);
        }
        if (root.get(EMA) instanceof Map || root.get(MODEL) instanceof Map) {
            throw new IllegalArgumentException(file + ": expected " + wanted + " weights, got a checkpoint with "
                    + LoadReport.listing(keys(root)) + "; ask for the others with --weights");
        }
        return stateDict(file, root.get(STATE_DICT) instanceof Map<?, ?> wrapped ? wrapped : root);
    }

    private static StateDict stateDict(Path file, Map<?, ?> entries) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        entries.forEach((name, value) -> {
            if (value instanceof TensorData tensor) {
                tensors.put((String) name, tensor);
            } else if (value != null) {
                others.add((String) name);
            }
        });
        if (tensors.isEmpty() || !others.isEmpty()) {
            throw new IllegalArgumentException(file + ": expected a dictionary of tensors, got other values at "
                    + LoadReport.listing(others.isEmpty() ? keys(entries) : others));
        }
        return unwrapped(StateDict.of(String.valueOf(file.getFileName()), tensors));
    }

    /** The same tensors without the prefixes that wrappers of modules have put before every name. */
    public static StateDict unwrapped(StateDict state) {
        for (String prefix : WRAPPERS) {
            if (state.names().stream().allMatch(name -> name.startsWith(prefix))) {
                return unwrapped(state.under(prefix));
            }
        }
        return state;
    }

    private static List<String> keys(Map<?, ?> map) {
        return map.keySet().stream().map(String::valueOf).toList();
    }

    /** Eight bytes of length, then JSON: no checkpoint of PyTorch starts so. */
    private static boolean isSafeTensors(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(Long.BYTES + 1);
            boolean isJson = start.length > Long.BYTES && start[Long.BYTES] == '{';
            return isJson || file.toString().endsWith(".safetensors");
        } catch (IOException e) {
            throw AtomicFiles.failure(file, "cannot be read", e);
        }
    }

    /** The path itself, or the training checkpoint in it that has gone furthest. */
    public static Path locate(Path path) {
        if (!Files.isDirectory(path)) {
            return path;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.filter(file -> CHECKPOINT
                            .matcher(String.valueOf(file.getFileName()))
                            .matches())
                    .max(Comparator.comparingLong(WeightFile::stepOf).thenComparing(Path::toString))
                    .orElse(path);
        } catch (IOException e) {
            throw AtomicFiles.failure(path, "cannot be listed", e);
        }
    }

    /** By what the file says, since {@code ep-last.pt} has no number. */
    private static long stepOf(Path file) {
        return TorchCheckpoint.readWithoutChecksums(file).get("step") instanceof Long step ? step : -1;
    }
}
