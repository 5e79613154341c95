// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Captions to token ids by a {@code tokenizer.json}, with truncation and padding set explicitly. */
public final class CaptionTokenizer implements AutoCloseable {
    static final String FILE = "tokenizer.json";

    private final HuggingFaceTokenizer tokenizer;

    /**
     * A tokenizer.
     *
     * @param source what messages call the file
     * @param json its content
     */
    CaptionTokenizer(String source, String json, TextLength length) {
        this(source, json, options(length));
    }

    private CaptionTokenizer(String source, String json, Map<String, String> options) {
        try {
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            tokenizer = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(bytes), options);
        } catch (IOException | RuntimeException e) {
            String message = source + ": expected a tokenizer, got one that cannot be read: " + e.getMessage();
            throw new IllegalArgumentException(message, e);
        }
    }

    /**
     * The tokenizer of a folder; captions longer than {@code length} lose their end.
     *
     * @param key what messages call the folder, such as {@code text.encoder.path}
     * @throws IllegalArgumentException if there is none, or one that cannot be read
     */
    public static CaptionTokenizer open(String key, Path folder, TextLength length) {
        return new CaptionTokenizer(folder.resolve(FILE).toString(), read(key, folder), length);
    }

    /**
     * Ids of a text that is neither cut nor filled nor given special tokens beyond those that it names itself.
     *
     * @param key what messages call the folder
     */
    public static long[] plainIds(String key, Path folder, String text) {
        try (CaptionTokenizer whole = untruncated(folder.resolve(FILE).toString(), read(key, folder))) {
            return whole.tokenizer.encode(text, false, false).getIds();
        }
    }

    /** Content of the tokenizer file of a folder. */
    static String read(String key, Path folder) {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(key + ": expected a folder with " + FILE + ", got " + folder);
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** A tokenizer that neither cuts nor fills. */
    static CaptionTokenizer untruncated(String source, String json) {
        Map<String, String> options = new HashMap<>();
        options.put("truncation", "do_not_truncate");
        options.put("padding", "do_not_pad");
        return new CaptionTokenizer(source, json, options);
    }

    private static Map<String, String> options(TextLength length) {
        Map<String, String> options = new HashMap<>();
        options.put("truncation", "longest_first");
        options.put("padding", length.padding() == TextLength.Padding.MAX_LENGTH ? "max_length" : "do_not_pad");
        options.put("maxLength", Integer.toString(length.maxLength()));
        options.put("modelMaxLength", Integer.toString(length.maxLength()));
        return options;
    }

    /** The tokens of a caption, special ones included where the file adds them. */
    public TokenizedCaption tokenize(String caption) {
        Encoding encoding = tokenizer.encode(caption);
        return new TokenizedCaption(encoding.getIds(), encoding.getAttentionMask(), encoding.getTypeIds());
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
