// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.dsr.core.io.Sha256;
import ai.dsr.sample.config.Experiment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Hashes of every file that a configuration points at, so that a run can say what went into it. */
final class RunInputs {
    /** Keys whose values are paths of weights, statistics, plans and bundles. */
    private static final Pattern KEYS = Pattern.compile(".*_path|.*_file|path|register_plan|plan|ckpt|init");

    /** Its images are in the fingerprint of the data set, and may be millions of files. */
    private static final String IMAGES = "data.path";

    private RunInputs() {}

    /** SHA-256 by key, such as {@code stage_1.params.pretrained_decoder_path}; of a folder, one for each of its files. */
    static Map<String, String> of(Experiment experiment) {
        Map<String, String> hashes = new TreeMap<>();
        collect(experiment, "", experiment.config().toMap(), hashes);
        return hashes;
    }

    private static void collect(Experiment experiment, String prefix, Map<?, ?> section, Map<String, String> hashes) {
        section.forEach((key, value) -> {
            String name = prefix + key;
            if (value instanceof Map<?, ?> inner) {
                collect(experiment, name + ".", inner, hashes);
            } else if (value instanceof String text && isInput(name, String.valueOf(key))) {
                add(name, experiment.resolve(text), hashes);
            }
        });
    }

    private static boolean isInput(String name, String key) {
        return KEYS.matcher(key).matches() && !name.equals(IMAGES);
    }

    private static void add(String name, Path path, Map<String, String> hashes) {
        if (Files.isRegularFile(path)) {
            hashes.put(name, Sha256.ofFile(path));
            return;
        }
        if (!Files.isDirectory(path)) {
            return; // yet to be written, or no path at all
        }
        try (Stream<Path> entries = Files.list(path)) {
            List<Path> files = entries.filter(Files::isRegularFile).sorted().toList();
            files.forEach(file -> hashes.put(name + "/" + file.getFileName(), Sha256.ofFile(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be listed", e);
        }
    }
}
