// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import ai.dsr.core.config.Default;
import ai.dsr.encoders.text.TextLength.Padding;
import java.util.List;

/**
 * Section {@code text.encoder}: what reads the captions.
 *
 * @param path folder with {@code tokenizer.json} and an ONNX or TorchScript model; null is the embedded all-MiniLM-L6-v2
 * @param model file of the network in the folder; null looks for the only one
 * @param maxLength longest caption in tokens, special tokens included
 * @param padding {@code none}, or {@code max_length} for networks of a fixed length
 * @param pooling what one vector for the whole caption is
 * @param statesOutput ONNX: output with the states; null is {@code last_hidden_state} or the only one of three dimensions
 * @param pooledOutput ONNX: output with the network's own pooled vector
 * @param inputs TorchScript: what the network takes, in order
 */
public record TextEncoderConfig(
        @Default("null") String path,
        @Default("null") String model,
        @Default("64") int maxLength,
        @Default("none") Padding padding,
        @Default("mean_unit") Pooling pooling,
        @Default("null") String statesOutput,
        @Default("null") String pooledOutput,
        @Default("[input_ids, attention_mask]") List<String> inputs) {

    /** Checks what can be checked without the files. */
    public TextEncoderConfig {
        inputs = List.copyOf(inputs);
        length(maxLength, padding);
        if (path == null && model != null) {
            throw new IllegalArgumentException("model: expected nothing without a path, got " + model);
        }
        if (path == null && pooling == Pooling.MODEL) {
            throw new IllegalArgumentException(
                    "pooling: expected mean, mean_unit, first or last of the embedded encoder, got model");
        }
    }

    /** The embedded encoder with captions cut to a length, without padding. */
    public static TextEncoderConfig miniLM(TextLength length) {
        return new TextEncoderConfig(
                null,
                null,
                length.maxLength(),
                length.padding(),
                Pooling.MEAN_UNIT,
                null,
                null,
                List.of("input_ids", "attention_mask"));
    }

    /** Truncation and padding. */
    public TextLength length() {
        return length(maxLength, padding);
    }

    private static TextLength length(int maxLength, Padding padding) {
        return new TextLength(maxLength, padding);
    }
}
