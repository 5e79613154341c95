// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.config.Default;
import ai.dsr.core.data.CaptionTemplates;
import ai.dsr.dit.text.TextConnectorConfig;
import ai.dsr.encoders.text.TextEncoderConfig;
import java.util.List;

/**
 * Section {@code text}: how captions become conditions. Its presence makes a run or a bundle text-to-image.
 *
 * @param encoder the frozen text encoder
 * @param connector what reads its states
 * @param conditioner the language model that takes the place of both; null: there is none
 * @param templates ways to say a caption in training, see {@link CaptionTemplates}
 * @param heldOutPairs share of objects that training sees in all styles but one, in [0, 1)
 * @param previewPrompts prompts of previews; absent: some captions of the data
 * @param previewEach images a prompt in a preview
 */
public record TextConfig(
        @Default("{}") TextEncoderConfig encoder,
        @Default("{}") TextConnectorConfig connector,
        @Default("null") ConditionerConfig conditioner,
        @Default("[\"{caption}\"]") List<String> templates,
        @Default("0") double heldOutPairs,
        @Default("[]") List<String> previewPrompts,
        @Default("2") int previewEach) {

    /** Checks the values. */
    public TextConfig {
        templates = new CaptionTemplates(templates).templates();
        previewPrompts = List.copyOf(previewPrompts);
        if (!(heldOutPairs >= 0 && heldOutPairs < 1)) {
            throw new IllegalArgumentException("held_out_pairs: expected a share in [0, 1), got " + heldOutPairs);
        }
        if (previewEach < 1) {
            throw new IllegalArgumentException("preview_each: expected 1 or more, got " + previewEach);
        }
    }

    /** Whether a language model reads the captions, not an encoder. */
    public boolean hasConditioner() {
        return conditioner != null;
    }

    /** Condition rows of a caption, for a denoiser of {@code tokens} image tokens. */
    public int rows(int tokens) {
        if (!hasConditioner()) {
            return connector.rows();
        }
        return conditioner.numQueries() == null ? tokens : conditioner.numQueries();
    }

    /** The sub-section that names what is frozen. */
    public String frozenSection() {
        return hasConditioner() ? "text.conditioner" : "text.encoder";
    }

    /** The folder of what is frozen; null for the embedded encoder. */
    public String frozenPath() {
        return hasConditioner() ? conditioner.path() : encoder.path();
    }

    /** The templates, ready to be applied. */
    public CaptionTemplates captionTemplates() {
        return new CaptionTemplates(templates);
    }
}
