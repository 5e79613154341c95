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
 * @param prompt what the language model reads, with {@code {caption}} in it, such as the turns of a chat; its own tokens
 *     come on top of {@code max_length} and are never cut
 */
public record ConditionerConfig(
        String path,
        @Default("null") String headPath,
        @Default("null") Integer numQueries,
        @Default("true") boolean projector,
        @Default("64") int maxLength,
        @Default("\"{caption}\"") String prompt) {
    private static final String CAPTION = "{caption}";

    /** Checks what can be checked without the files. */
    public ConditionerConfig {
        if (prompt.indexOf(CAPTION) < 0 || prompt.indexOf(CAPTION) != prompt.lastIndexOf(CAPTION)) {
            throw new IllegalArgumentException(
                    "prompt: expected a text with " + CAPTION + " in it once, got " + prompt);
        }
        if (numQueries != null && numQueries < 1) {
            throw new IllegalArgumentException("num_queries: expected 1 or more, got " + numQueries);
        }
        length(maxLength);
    }

    /** The part of the prompt in front of the caption. */
    public String before() {
        return prompt.substring(0, prompt.indexOf(CAPTION));
    }

    /** The part of the prompt behind the caption. */
    public String after() {
        return prompt.substring(prompt.indexOf(CAPTION) + CAPTION.length());
    }

    /** Truncation; shorter captions are padded in front where they are batched. */
    public TextLength length() {
        return length(maxLength);
    }

    private static TextLength length(int longest) {
        return new TextLength(longest, TextLength.Padding.NONE);
    }
}
