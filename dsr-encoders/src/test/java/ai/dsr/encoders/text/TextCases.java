// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import ai.djl.ndarray.NDArray;
import ai.dsr.encoders.text.TextLength.Padding;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.LongStream;

/** Golden cases of the embedded text encoder. */
public final class TextCases {
    /** What captions differ by where no quantised rounding fell the other way. */
    private static final float AGREEMENT = 1e-3f;

    private TextCases() {}

    /** Runs a case of {@code text.minilm}. */
    public static void run(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("model", "slices", "batch"); // one artifact, one way to cut, and captions always run alone
        require(out, "onnx", "all-minilm-l6-v2-q.onnx", keys.require("onnx"));
        require(out, "tokenizer", "all-minilm-l6-v2-q-tokenizer.json", keys.require("tokenizer"));
        TextLength length = length(keys);
        if (keys.require("tokenizer_file_settings").asBoolean()) {
            TextLength file = PretrainedTextEncoder.embeddedFileSettings();
            if (!file.equals(length)) {
                out.fail("settings of the tokenizer file: expected " + length + ", got " + file);
            }
        }
        try (TextEncoder encoder = PretrainedTextEncoder.open(TextEncoderConfig.miniLM(length), null)) {
            require(out, "hidden_size", Integer.toString(encoder.width()), keys.require("hidden_size"));
            List<TextFeatures> features = new ArrayList<>();
            keys.require("texts").forEach(text -> features.add(encoder.encode(text.asText())));
            lengths(keys, features, out);
            tokens(features, out);
            pooled(features, out);
            states(fixture, features, out);
        }
        untruncated(keys, out);
    }

    private static TextLength length(ConfigKeys keys) {
        return new TextLength(
                keys.require("max_length").asInt(),
                Padding.valueOf(keys.require("padding").asText().toUpperCase(Locale.ROOT)));
    }

    private static void require(Checker out, String key, String got, JsonNode want) {
        if (!want.asText().equals(got)) {
            out.fail(key + ": expected " + want + ", got " + got);
        }
    }

    private static void lengths(ConfigKeys keys, List<TextFeatures> features, Checker out) {
        JsonNode rows = keys.require("row_lengths");
        JsonNode valid = keys.require("valid_lengths");
        for (int i = 0; i < features.size(); i++) {
            TextFeatures caption = features.get(i);
            require(out, "row_lengths." + i, Integer.toString(caption.length()), rows.get(i));
            require(out, "valid_lengths." + i, Integer.toString(caption.tokens().validLength()), valid.get(i));
        }
    }

    private static void untruncated(ConfigKeys keys, Checker out) {
        JsonNode texts = keys.require("texts");
        JsonNode counts = keys.require("untruncated_tokens");
        String json = PretrainedTextEncoder.embeddedTokenizer();
        try (CaptionTokenizer tokenizer = CaptionTokenizer.untruncated("tokenizer.json", json)) {
            for (int i = 0; i < texts.size(); i++) {
                int count = tokenizer.tokenize(texts.get(i).asText()).length();
                require(out, "untruncated_tokens." + i, Integer.toString(count), counts.get(i));
            }
        }
    }

    private static void tokens(List<TextFeatures> features, Checker out) {
        int longest = features.stream().mapToInt(TextFeatures::length).max().orElseThrow();
        LongStream ids = LongStream.empty();
        LongStream mask = LongStream.empty();
        for (TextFeatures caption : features) {
            LongStream fill = LongStream.generate(() -> 0).limit(longest - caption.length());
            ids = LongStream.concat(
                    ids, LongStream.concat(LongStream.of(caption.tokens().ids()), fill));
            fill = LongStream.generate(() -> 0).limit(longest - caption.length());
            mask = LongStream.concat(
                    mask, LongStream.concat(LongStream.of(caption.tokens().mask()), fill));
        }
        out.check("input_ids", ids.toArray(), features.size(), longest);
        out.check("attention_mask", mask.toArray(), features.size(), longest);
    }

    private static void pooled(List<TextFeatures> features, Checker out) {
        int width = features.get(0).width();
        float[] unit = new float[features.size() * width];
        float[] mean = new float[features.size() * width];
        for (int i = 0; i < features.size(); i++) {
            TextFeatures caption = features.get(i);
            System.arraycopy(caption.pooled(), 0, unit, i * width, width);
            TextModel.Output states = new TextModel.Output(caption.states(), null);
            System.arraycopy(Pooling.MEAN.pool(caption.tokens(), states), 0, mean, i * width, width);
        }
        out.check("mean_pooled", mean, features.size(), width);
        out.check("mean_pooled_unit", unit, features.size(), width);
    }

    /** All valid rows of the captions that the case stores in full, four rows of the others. */
    private static void states(FixtureCase fixture, List<TextFeatures> features, Checker out) {
        Set<Integer> full = new HashSet<>();
        fixture.keys().require("full").forEach(i -> full.add(i.asInt()));
        float closest = Float.MAX_VALUE;
        for (int i = 0; i < features.size(); i++) {
            TextFeatures caption = features.get(i);
            int valid = caption.tokens().validLength();
            int[] rows = full.contains(i)
                    ? LongStream.range(0, valid).mapToInt(row -> (int) row).toArray()
                    : new int[] {0, 1, valid / 2, valid - 1};
            float[] values = new float[rows.length * caption.width()];
            for (int row = 0; row < rows.length; row++) {
                System.arraycopy(caption.state(rows[row]), 0, values, row * caption.width(), caption.width());
            }
            String name = "last_hidden_state." + i;
            out.check(name, values, rows.length, caption.width());
            closest = Math.min(closest, distance(fixture.out(name), values));
        }
        if (closest > AGREEMENT) {
            out.fail("last_hidden_state: expected one caption within " + AGREEMENT + ", got " + closest + " at best");
        }
    }

    private static float distance(NDArray want, float[] got) {
        float[] expected = want.toFloatArray();
        float worst = 0;
        for (int i = 0; i < got.length; i++) {
            worst = Math.max(worst, Math.abs(got[i] - expected[i]));
        }
        return worst;
    }
}
