// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.export;

import ai.dsr.core.image.RgbImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Where the pictures of benchmark prompts go. */
public sealed interface PromptLayout permits GenEvalFolder, DpgFolder {
    /** Number of prompts. */
    int size();

    /** The text of prompt {@code i}. */
    String prompt(int i);

    /** Pictures of each prompt. */
    int imagesEach();

    /** A picture of prompt {@code i} that is there once the prompt is done. */
    Path evidence(int i);

    /**
     * Whether prompt {@code i} has all its pictures.
     *
     * @throws IllegalArgumentException if what is there belongs to another prompt
     */
    boolean isDone(int i);

    /**
     * Writes the pictures of prompt {@code i}; a reader never takes a part for the whole.
     *
     * @param images as many as {@link #imagesEach}
     * @param texts for each picture, its text chunks
     */
    void write(int i, List<RgbImage> images, List<Map<String, String>> texts);
}
