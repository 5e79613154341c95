// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.text.TextStates;
import ai.dsr.encoders.text.CaptionStates;
import ai.dsr.encoders.text.TextEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * States of a text encoder in float16, one row a token, and a pooled vector a caption in float32.
 *
 * @param encoder what gives them; not closed here
 */
record StatesFormat(TextEncoder encoder) implements CaptionFormat {
    private static final String STATES = "states";
    private static final String POOLED = "pooled";

    @Override
    public Rows read(List<String> captions, Runnable done) {
        List<CaptionStates> all = new ArrayList<>();
        for (String caption : captions) {
            all.add(encoder.encode(caption).valid());
            done.run();
        }
        int width = all.get(0).width();
        int pooledWidth = all.get(0).pooledWidth();
        List<Integer> lengths = all.stream().map(CaptionStates::length).toList();
        int rows = lengths.stream().mapToInt(Integer::intValue).sum();
        float[] states = new float[rows * width];
        float[] pooled = new float[all.size() * pooledWidth];
        int row = 0;
        for (int i = 0; i < all.size(); i++) {
            all.get(i).copyStates(states, row * width);
            all.get(i).copyPooled(pooled, i * pooledWidth);
            row += lengths.get(i);
        }
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        tensors.put(STATES, TensorData.of(states, rows, width).toFloating(DataType.FLOAT16));
        tensors.put(POOLED, TensorData.of(pooled, all.size(), pooledWidth));
        return new Rows(tensors, lengths);
    }

    @Override
    public TextStates gather(NDManager manager, List<Place> places) {
        int longest = CaptionFormat.longest(places);
        int width = side(places.get(0), STATES);
        int pooledWidth = side(places.get(0), POOLED);
        float[] mask = new float[places.size() * longest];
        float[] pooled = new float[places.size() * pooledWidth];
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            Arrays.fill(mask, i * longest, i * longest + place.length(), 1);
            place.shard()
                    .get(POOLED)
                    .bytes()
                    .asFloatBuffer()
                    .position(place.row() * pooledWidth)
                    .get(pooled, i * pooledWidth, pooledWidth);
        }
        Shape shape = new Shape(places.size(), longest, width);
        TensorData states = TensorData.of(DataType.FLOAT16, shape, states(places, longest, 2 * width));
        return new TextStates(
                states.toArray(manager, DataType.FLOAT32),
                EngineArray.of(manager, mask, new Shape(places.size(), longest)),
                EngineArray.of(manager, pooled, new Shape(places.size(), pooledWidth)));
    }

    /** The states of captions one after the other, each padded with zeros to the longest. */
    private static ByteBuffer states(List<Place> places, int longest, int bytesOfToken) {
        ByteBuffer states = ByteBuffer.allocate(places.size() * longest * bytesOfToken);
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            ByteBuffer rows = place.shard().get(STATES).bytes();
            states.position(i * longest * bytesOfToken)
                    .put(rows.position(place.from() * bytesOfToken).limit(place.to() * bytesOfToken));
        }
        return states.clear();
    }

    private static int side(Place place, String tensor) {
        return Math.toIntExact(place.shard().get(tensor).shape()[1]);
    }
}
