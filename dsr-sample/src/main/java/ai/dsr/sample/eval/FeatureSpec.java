// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import java.util.List;

/**
 * Everything that decides the features of an image: features of different specs are never compared.
 *
 * @param network name for people, such as {@code dinov2-small}
 * @param weightsSha256 hash of the weights
 * @param resize how an image comes to the network's size
 * @param inputSize side of the network's input in pixels
 * @param normalization what happens to bytes after the resize
 * @param parts the vectors that the network gives of an image, in the order in which they are stored
 */
public record FeatureSpec(
        String network,
        String weightsSha256,
        String resize,
        int inputSize,
        String normalization,
        List<FeaturePart> parts) {

    /**
     * One vector.
     *
     * @param name such as {@code pool3}
     * @param width numbers in it
     */
    public record FeaturePart(String name, int width) {}

    /** Copies the list. */
    public FeatureSpec {
        parts = List.copyOf(parts);
    }

    /** Numbers of all parts together. */
    public int totalWidth() {
        return parts.stream().mapToInt(FeaturePart::width).sum();
    }

    /** SHA-256 over all of it; a network's name is for people and does not count. */
    public String hash() {
        return Sha256.ofText(
                Json.canonical(new FeatureSpec("", weightsSha256, resize, inputSize, normalization, parts)));
    }

    /** Width of a part. */
    public int width(String part) {
        return part(part).width();
    }

    /** First number of a part among all. */
    int offset(String part) {
        int offset = 0;
        for (FeaturePart each : parts.subList(0, parts.indexOf(part(part)))) {
            offset += each.width();
        }
        return offset;
    }

    private FeaturePart part(String name) {
        return parts.stream()
                .filter(part -> part.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        network + ": expected one of the features " + parts + ", got " + name));
    }
}
