// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.config.Default;
import ai.dsr.encoders.text.TextLength;

/**
 * Section {@code text.conditioner}: learned queries read through a frozen causal language model (MetaQuery), in place of
 * {@code text.encoder} and {@code text.connector}.
 *
 * @param path folder with {@code config.json}, {@code tokenizer.json} and safetensors of a Qwen2
 * @param headPath file with {@code latent_queries} and {@code diff_head_projector.*} that training starts from; null:
 *     from the seed
 * @param numQueries condition rows L, a number that divides the image tokens; null: one an image token
 * @param projector whether rows are projected to {@code z_channels} of the denoiser, which else is the model's width
 * @param maxLength longest caption in tokens; longer ones lose their end
 */
public record ConditionerConfig(
        String path,
        @Default("null") String headPath,
        @Default("null") Integer numQueries,
        @Default("true") boolean projector,
        @Default("64") int maxLength) {

    /** Checks what can be checked without the files. */
    public ConditionerConfig {
        if (numQueries != null && numQueries < 1) {
            throw new IllegalArgumentException("num_queries: expected 1 or more, got " + numQueries);
        }
        length(maxLength);
    }

    /** Truncation; shorter captions are padded in front where they are batched. */
    public TextLength length() {
        return length(maxLength);
    }

    private static TextLength length(int longest) {
        return new TextLength(longest, TextLength.Padding.NONE);
    }
}
