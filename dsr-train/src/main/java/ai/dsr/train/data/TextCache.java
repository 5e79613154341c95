// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.text.TextInput;
import ai.dsr.encoders.text.CaptionStates;
import ai.dsr.encoders.text.TextEncoder;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What a text encoder says about captions, stored once a caption: float16 states in shards of {@value #SHARD} captions.
 *
 * <p>The folder is named by the encoder's fingerprint, which covers weights, tokenizer and lengths; within it a caption
 * is found by its text. New captions go to new shards, each written atomically, so encoding that was stopped goes on
 * where it was.
 */
public final class TextCache {
    private static final int SHARD = 1024;
    private static final String STATES = "states";
    private static final String OFFSETS = "offsets";
    private static final String POOLED = "pooled";
    private static final String KEY = "text_encoder";
    private static final String CAPTIONS = "captions";

    private final Map<String, Place> places = new HashMap<>();
    private final String fingerprint;
    private int shards;

    private TextCache(String fingerprint) {
        this.fingerprint = fingerprint;
    }

    /**
     * Opens the features of captions, encoding those that are not there yet.
     *
     * @param root folder of all caches
     * @param fingerprint that of the encoder
     * @param captions all that will be asked for, in any number
     * @param encoder opens the encoder; called, and closed, only if a caption is new
     */
    public static TextCache open(
            Path root, String fingerprint, Collection<String> captions, Supplier<TextEncoder> encoder) {
        Path folder = root.resolve("text").resolve(fingerprint.substring(0, 16));
        TextCache cache = new TextCache(fingerprint);
        for (Path shard = shard(folder, 0); Files.exists(shard); shard = shard(folder, cache.shards)) {
            cache.read(shard);
        }
        Set<String> missing = new LinkedHashSet<>(captions);
        missing.removeAll(cache.places.keySet());
        if (!missing.isEmpty()) {
            try (TextEncoder open = encoder.get()) {
                cache.encode(folder, List.copyOf(missing), open);
            }
        }
        return cache;
    }

    private static Path shard(Path folder, int number) {
        return folder.resolve(String.format(Locale.ROOT, "shard-%05d.safetensors", number));
    }

    private void encode(Path folder, List<String> missing, TextEncoder encoder) {
        if (!encoder.fingerprint().equals(fingerprint)) {
            throw new IllegalStateException(
                    "text encoder: expected the one of " + fingerprint + ", got " + encoder.fingerprint());
        }
        try (Progress progress = Progress.start("Encoding captions", missing.size())) {
            for (int first = 0; first < missing.size(); first += SHARD) {
                List<String> part = missing.subList(first, Math.min(first + SHARD, missing.size()));
                List<CaptionStates> states = new ArrayList<>();
                for (String caption : part) {
                    states.add(encoder.encode(caption).valid());
                    progress.step(1);
                }
                Path file = shard(folder, shards);
                SafeTensors.write(
                        file, tensors(states), Map.of(KEY, fingerprint, CAPTIONS, Json.canonical(List.copyOf(part))));
                read(file);
            }
        }
    }

    private static Map<String, TensorData> tensors(List<CaptionStates> captions) {
        int width = captions.get(0).width();
        int pooledWidth = captions.get(0).pooledWidth();
        int rows = captions.stream().mapToInt(CaptionStates::length).sum();
        float[] states = new float[rows * width];
        float[] pooled = new float[captions.size() * pooledWidth];
        float[] offsets = new float[captions.size() + 1];
        int row = 0;
        for (int i = 0; i < captions.size(); i++) {
            captions.get(i).copyStates(states, row * width);
            captions.get(i).copyPooled(pooled, i * pooledWidth);
            row += captions.get(i).length();
            offsets[i + 1] = row;
        }
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        tensors.put(STATES, TensorData.of(states, rows, width).toFloating(DataType.FLOAT16));
        tensors.put(POOLED, TensorData.of(pooled, captions.size(), pooledWidth));
        tensors.put(OFFSETS, TensorData.of(offsets, offsets.length)); // whole numbers below 2^24
        return tensors;
    }

    private void read(Path file) {
        Map<String, String> metadata = SafeTensors.metadata(file);
        String stored = metadata.get(KEY);
        if (!fingerprint.equals(stored)) {
            throw new IllegalArgumentException(file + ": expected features of text encoder " + fingerprint + ", got "
                    + stored + "; delete the folder to encode anew");
        }
        StateDict tensors = SafeTensors.read(file);
        Shard shard = new Shard(tensors.get(STATES), tensors.get(POOLED));
        float[] offsets = tensors.get(OFFSETS).toFloats();
        byte[] json = metadata.get(CAPTIONS).getBytes(StandardCharsets.UTF_8);
        String[] captions = Json.parse(json, String[].class, file.toString());
        for (int i = 0; i < captions.length; i++) {
            places.put(captions[i], new Place(shard, i, (int) offsets[i], (int) offsets[i + 1]));
        }
        shards++;
    }

    /** Number of captions. */
    public int size() {
        return places.size();
    }

    /**
     * The features of some captions, padded to the longest of them.
     *
     * @throws IllegalArgumentException if a caption was not among those that the cache was opened with
     */
    public TextInput gather(NDManager manager, List<String> captions) {
        List<Place> found = captions.stream().map(this::place).toList();
        int longest = found.stream().mapToInt(Place::length).max().orElseThrow();
        Shard first = found.get(0).shard;
        int width = first.width();
        float[] mask = new float[found.size() * longest];
        float[] pooled = new float[found.size() * first.pooledWidth()];
        for (int i = 0; i < found.size(); i++) {
            Place place = found.get(i);
            Arrays.fill(mask, i * longest, i * longest + place.length(), 1);
            place.shard.copyPooled(place.row, pooled, i);
        }
        Shape shape = new Shape(found.size(), longest, width);
        TensorData states = TensorData.of(DataType.FLOAT16, shape, states(found, 2 * longest * width));
        return new TextInput(
                states.toArray(manager, DataType.FLOAT32),
                EngineArray.of(manager, mask, new Shape(found.size(), longest)),
                EngineArray.of(manager, pooled, new Shape(found.size(), first.pooledWidth())));
    }

    /** The states of captions one after the other, each padded with zeros to a number of bytes. */
    private static ByteBuffer states(List<Place> found, int bytesEach) {
        ByteBuffer states = ByteBuffer.allocate(found.size() * bytesEach);
        for (int i = 0; i < found.size(); i++) {
            Place place = found.get(i);
            int bytesOfToken = 2 * place.shard.width();
            ByteBuffer rows = place.shard.states.bytes();
            states.position(i * bytesEach)
                    .put(rows.position(place.from * bytesOfToken).limit(place.to * bytesOfToken));
        }
        return states.clear();
    }

    private Place place(String caption) {
        Place place = places.get(caption);
        if (place == null) {
            throw new IllegalArgumentException(
                    "caption: expected one of the " + places.size() + " that were encoded, got \"" + caption + "\"");
        }
        return place;
    }

    /** The tensors of one file, mapped. */
    private static final class Shard {
        private final TensorData states;
        private final FloatBuffer pooled;
        private final int pooledWidth;

        Shard(TensorData states, TensorData pooled) {
            this.states = states;
            this.pooled = pooled.bytes().asFloatBuffer();
            pooledWidth = Math.toIntExact(pooled.shape()[1]);
        }

        int width() {
            return Math.toIntExact(states.shape()[1]);
        }

        int pooledWidth() {
            return pooledWidth;
        }

        void copyPooled(int row, float[] target, int targetRow) {
            pooled.duplicate().position(row * pooledWidth).get(target, targetRow * pooledWidth, pooledWidth);
        }
    }

    /** Where a caption is: rows {@code from} to {@code to} of the states, row {@code row} of the pooled vectors. */
    private record Place(Shard shard, int row, int from, int to) {
        int length() {
            return to - from;
        }
    }
}
