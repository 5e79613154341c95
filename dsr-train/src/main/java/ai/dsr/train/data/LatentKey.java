// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import java.util.Map;
import java.util.TreeMap;

/**
 * What latents depend on: the data, the encoder with its weights, and how images reach it.
 *
 * @param values names and values, such as {@code encoder_sha256}; anything left out here could go stale unnoticed
 */
public record LatentKey(Map<String, String> values) {
    /** Copies the map, sorted. */
    public LatentKey {
        values = new TreeMap<>(values);
    }

    /** The values as one line of JSON. */
    public String text() {
        return Json.canonical(values);
    }

    /** SHA-256 of {@link #text}, hexadecimal. */
    public String digest() {
        return Sha256.ofText(text());
    }
}
