// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.bundle;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The file {@code manifest.json} of a bundle.
 *
 * @param format {@value #FORMAT}
 * @param classes class names in label order
 * @param imageSize side of the pictures in pixels
 * @param encoderSha256 hash of the weights that the latents come from; null if the model works on pixels
 * @param textEncoder fingerprint of the text encoder or language model that captions were read with; null in
 *     class-conditional bundles
 * @param sha256 hash of every other file of the folder that sampling reads
 * @param inputs hash of everything that the training started from: data, encoder, statistics, decoder, initial weights
 * @param environment machine and versions that the training ran with
 */
public record BundleManifest(
        String format,
        List<String> classes,
        int imageSize,
        String encoderSha256,
        String textEncoder,
        Map<String, String> sha256,
        Map<String, String> inputs,
        Map<String, String> environment) {
    /** Name and version of the layout. */
    public static final String FORMAT = "dsr-bundle-1";

    /** Files of before they were kept have no inputs and no environment. */
    public BundleManifest {
        inputs = inputs == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(inputs));
        environment = environment == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(environment));
    }

    /** A manifest of images of these classes, before there are files. */
    public static BundleManifest of(List<String> classes, int imageSize, String encoderSha256) {
        return new BundleManifest(FORMAT, classes, imageSize, encoderSha256, null, Map.of(), null, null);
    }

    /** The same for a model that reads captions with a text encoder. */
    public BundleManifest withTextEncoder(String fingerprint) {
        return new BundleManifest(format, classes, imageSize, encoderSha256, fingerprint, sha256, inputs, environment);
    }

    /**
     * Fails unless captions are read with the encoder or language model of training.
     *
     * @param section what messages call it, such as {@code text.encoder}
     * @throws IllegalArgumentException with both fingerprints
     */
    public void requireTextEncoder(String section, String fingerprint) {
        if (!fingerprint.equals(textEncoder)) {
            throw new IllegalArgumentException(
                    section + ": expected the one of training, " + textEncoder + ", got " + fingerprint);
        }
    }

    /** The same with the hashes of files. */
    public BundleManifest withFiles(Map<String, String> hashes) {
        return new BundleManifest(format, classes, imageSize, encoderSha256, textEncoder, hashes, inputs, environment);
    }

    /** The same with the hashes of further inputs. */
    public BundleManifest withInputs(Map<String, String> hashes) {
        Map<String, String> all = new TreeMap<>(inputs);
        all.putAll(hashes);
        return new BundleManifest(format, classes, imageSize, encoderSha256, textEncoder, sha256, all, environment);
    }

    /** The same with another environment. */
    public BundleManifest withEnvironment(Map<String, String> values) {
        return new BundleManifest(format, classes, imageSize, encoderSha256, textEncoder, sha256, inputs, values);
    }
}
