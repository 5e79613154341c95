// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import ai.dsr.core.io.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/**
 * How long a tokenised caption is; replaces whatever a tokenizer file says.
 *
 * @param maxLength longest length in tokens, special tokens included; longer captions lose their end
 * @param padding whether shorter captions are filled up
 */
public record TextLength(int maxLength, Padding padding) {
    /** Room for the special tokens and one more. */
    private static final int SHORTEST = 3;

    /** Checks the length. */
    public TextLength {
        if (maxLength < SHORTEST) {
            throw new IllegalArgumentException("max_length: expected " + SHORTEST + " or more, got " + maxLength);
        }
    }

    /**
     * The settings of a tokenizer file itself.
     *
     * @param tokenizerJson content of {@code tokenizer.json}
     * @throws IllegalArgumentException if the file sets no truncation
     */
    public static TextLength ofFile(String tokenizerJson) {
        JsonNode root = Json.parse(tokenizerJson.getBytes(StandardCharsets.UTF_8), JsonNode.class, "tokenizer.json");
        int fixed = root.path("padding").path("strategy").path("Fixed").asInt(0);
        int longest = root.path("truncation").path("max_length").asInt(fixed);
        if (longest == 0 || (fixed != 0 && fixed != longest)) {
            throw new IllegalArgumentException("tokenizer.json: expected truncation, and padding to the same length if"
                    + " any, got lengths " + longest + " and " + fixed + "; set max_length");
        }
        return new TextLength(longest, fixed == 0 ? Padding.NONE : Padding.MAX_LENGTH);
    }

    /** Whether short captions are filled up. */
    public enum Padding {
        /** A caption is as long as its tokens. */
        NONE,
        /** Every caption has the longest length. */
        MAX_LENGTH
    }
}
