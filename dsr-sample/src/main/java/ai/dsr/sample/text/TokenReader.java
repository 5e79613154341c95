// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.text.Qwen2Config;
import ai.dsr.dit.text.TokenIds;
import ai.dsr.encoders.text.CaptionTokenizer;
import ai.dsr.sample.config.ConditionerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Captions as the token ids of a frozen language model, which reads them together with queries that train. */
public final class TokenReader implements CaptionReader {
    private static final String PATH = "text.conditioner.path";

    private final CaptionTokenizer tokenizer;
    private final long[] before;
    private final long[] after;
    private final Qwen2Config language;
    private final String fingerprint;

    private TokenReader(
            CaptionTokenizer tokenizer, long[] before, long[] after, Qwen2Config language, String fingerprint) {
        this.tokenizer = tokenizer;
        this.before = before;
        this.after = after;
        this.language = language;
        this.fingerprint = fingerprint;
    }

    /**
     * Opens the tokenizer of a language model; its weights are only hashed.
     *
     * @param folder folder with {@code config.json}, {@code tokenizer.json} and safetensors, {@code config.path} as resolved
     *     by the caller
     * @throws IllegalArgumentException naming what is missing or cannot be used
     */
    public static TokenReader open(ConditionerConfig config, Path folder) {
        if (!Files.isRegularFile(folder.resolve("config.json")) || !SafeTensors.isFolder(folder)) {
            throw new IllegalArgumentException(
                    PATH + ": expected a folder with config.json and safetensors of a Qwen2, got " + folder);
        }
        Qwen2Config language = Qwen2Config.read(folder.resolve("config.json"));
        long[] before = CaptionTokenizer.plainIds(PATH, folder, config.before());
        long[] after = CaptionTokenizer.plainIds(PATH, folder, config.after());
        Map<String, Object> identity = new TreeMap<>();
        identity.put("weights", SafeTensors.sha256OfFolder(folder));
        identity.put("sizes", language);
        identity.put("tokenizer", Sha256.ofFile(folder.resolve("tokenizer.json")));
        identity.put("max_length", config.maxLength());
        identity.put("prompt", config.prompt());
        String fingerprint = Sha256.ofText(Json.canonical(identity));
        CaptionTokenizer tokenizer = CaptionTokenizer.open(PATH, folder, config.length());
        return new TokenReader(tokenizer, before, after, language, fingerprint);
    }

    /** Sizes of the language model. */
    public Qwen2Config language() {
        return language;
    }

    /**
     * The ids of a caption in its prompt; there are none for an empty one unless prompt or tokenizer add some.
     *
     * @throws IllegalArgumentException if the language model has no embedding for one
     */
    public long[] ids(String caption) {
        long[] ids = Stream.of(before, tokenizer.tokenize(caption).ids(), after)
                .flatMapToLong(LongStream::of)
                .toArray();
        for (long id : ids) {
            if (id >= language.vocabSize()) {
                throw new IllegalArgumentException(PATH + ": expected a tokenizer of ids below vocab_size ("
                        + language.vocabSize() + "), got " + id + " for \"" + caption + "\"");
            }
        }
        return ids;
    }

    /** One caption, {@code (1, n)}. */
    @Override
    public TokenIds read(NDManager manager, String caption) {
        return batch(manager, 1, ids(caption), null);
    }

    /**
     * Tokens as arrays of a manager.
     *
     * @param count captions B
     * @param ids {@code (B, n)} row by row, padding in front
     * @param mask 1 for a token and 0 for padding; null for no padding
     */
    public static TokenIds batch(NDManager manager, int count, long[] ids, long[] mask) {
        return new TokenIds(array(manager, count, ids), mask == null ? null : array(manager, count, mask));
    }

    private static NDArray array(NDManager manager, int rows, long[] values) {
        return EngineArray.filled(
                manager, new Shape(rows, values.length / rows), DataType.INT64, memory -> memory.asLongBuffer()
                        .put(values));
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
