// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.run.Progress;
import ai.dsr.dit.text.TextInput;
import ai.dsr.sample.text.CaptionReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What is frozen about captions, stored once a caption in shards of {@value #SHARD}: states of a text encoder, or token
 * ids.
 *
 * <p>The folder is named by the reader's fingerprint, which covers weights, tokenizer and lengths; within it a caption
 * is found by its text. New captions go to new shards, each written atomically, so encoding that was stopped goes on
 * where it was.
 */
public final class TextCache {
    private static final int SHARD = 1024;
    private static final String OFFSETS = "offsets";
    private static final String KEY = "text_encoder";
    private static final String CAPTIONS = "captions";

    private final Map<String, CaptionFormat.Place> places = new HashMap<>();
    private final CaptionFormat format;
    private final String fingerprint;
    private int shards;

    private TextCache(CaptionFormat format, String fingerprint) {
        this.format = format;
        this.fingerprint = fingerprint;
    }

    /**
     * Opens what is known of captions, reading those that are not there yet.
     *
     * @param root folder of all caches
     * @param reader reads captions that are new; not closed here
     * @param captions all that will be asked for, in any number
     */
    public static TextCache open(Path root, CaptionReader reader, Collection<String> captions) {
        String fingerprint = reader.fingerprint();
        Path folder = root.resolve("text").resolve(fingerprint.substring(0, 16));
        TextCache cache = new TextCache(CaptionFormat.of(reader), fingerprint);
        for (Path shard = shard(folder, 0); Files.exists(shard); shard = shard(folder, cache.shards)) {
            cache.read(shard);
        }
        Set<String> missing = new LinkedHashSet<>(captions);
        missing.removeAll(cache.places.keySet());
        if (!missing.isEmpty()) {
            cache.encode(folder, List.copyOf(missing));
        }
        return cache;
    }

    private static Path shard(Path folder, int number) {
        return folder.resolve(String.format(Locale.ROOT, "shard-%05d.safetensors", number));
    }

    private void encode(Path folder, List<String> missing) {
        try (Progress progress = Progress.start("Encoding captions", missing.size())) {
            for (int first = 0; first < missing.size(); first += SHARD) {
                List<String> part = missing.subList(first, Math.min(first + SHARD, missing.size()));
                CaptionFormat.Rows rows = format.read(part, () -> progress.step(1));
                Map<String, TensorData> tensors = new LinkedHashMap<>(rows.tensors());
                tensors.put(OFFSETS, offsets(rows.lengths()));
                Path file = shard(folder, shards);
                SafeTensors.write(file, tensors, Map.of(KEY, fingerprint, CAPTIONS, Json.canonical(List.copyOf(part))));
                read(file);
            }
        }
    }

    /** Where the rows of each caption begin, and where the last ends: whole numbers below 2^24. */
    private static TensorData offsets(List<Integer> lengths) {
        float[] offsets = new float[lengths.size() + 1];
        for (int i = 0; i < lengths.size(); i++) {
            offsets[i + 1] = offsets[i] + lengths.get(i);
        }
        return TensorData.of(offsets, offsets.length);
    }

    private void read(Path file) {
        Map<String, String> metadata = SafeTensors.metadata(file);
        String stored = metadata.get(KEY);
        if (!fingerprint.equals(stored)) {
            throw new IllegalArgumentException(file + ": expected features of text encoder " + fingerprint + ", got "
                    + stored + "; delete the folder to encode anew");
        }
        StateDict shard = SafeTensors.read(file);
        float[] offsets = shard.get(OFFSETS).toFloats();
        byte[] json = metadata.get(CAPTIONS).getBytes(StandardCharsets.UTF_8);
        String[] captions = Json.parse(json, String[].class, file.toString());
        for (int i = 0; i < captions.length; i++) {
            places.put(captions[i], new CaptionFormat.Place(shard, i, (int) offsets[i], (int) offsets[i + 1]));
        }
        shards++;
    }

    /** Number of captions. */
    public int size() {
        return places.size();
    }

    /**
     * What a model is told of some captions, padded to the longest of them.
     *
     * @throws IllegalArgumentException if a caption was not among those that the cache was opened with
     */
    public TextInput gather(NDManager manager, List<String> captions) {
        return format.gather(manager, captions.stream().map(this::place).toList());
    }

    private CaptionFormat.Place place(String caption) {
        CaptionFormat.Place place = places.get(caption);
        if (place == null) {
            throw new IllegalArgumentException(
                    "caption: expected one of the " + places.size() + " that were encoded, got \"" + caption + "\"");
        }
        return place;
    }
}
