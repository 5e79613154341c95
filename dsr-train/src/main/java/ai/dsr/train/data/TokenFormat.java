// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.TensorData;
import ai.dsr.dit.text.TokenIds;
import ai.dsr.sample.text.TokenReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Token ids for a language model, whose states cannot be stored since the queries that it reads with them train.
 *
 * @param reader what gives them; not closed here
 */
record TokenFormat(TokenReader reader) implements CaptionFormat {
    private static final String IDS = "ids";

    @Override
    public Rows read(List<String> captions, Runnable done) {
        long[][] all = new long[captions.size()][];
        for (int i = 0; i < all.length; i++) {
            all[i] = reader.ids(captions.get(i));
            done.run();
        }
        List<Integer> lengths = Arrays.stream(all).map(ids -> ids.length).toList();
        int count = lengths.stream().mapToInt(Integer::intValue).sum();
        ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        LongBuffer target = bytes.asLongBuffer();
        Arrays.stream(all).forEach(target::put);
        return new Rows(Map.of(IDS, TensorData.of(DataType.INT64, new Shape(count), bytes)), lengths);
    }

    /** Padding stands in front; there is no mask where all captions are of one length. */
    @Override
    public TokenIds gather(NDManager manager, List<Place> places) {
        int longest = CaptionFormat.longest(places);
        long[] ids = new long[places.size() * longest];
        long[] mask = new long[ids.length];
        boolean isPadded = false;
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            int end = (i + 1) * longest;
            int start = end - place.length();
            LongBuffer stored = place.shard().get(IDS).bytes().asLongBuffer();
            stored.position(place.from()).get(ids, start, place.length());
            Arrays.fill(mask, start, end, 1);
            isPadded |= place.length() < longest;
        }
        return TokenReader.batch(manager, places.size(), ids, isPadded ? mask : null);
    }
}
