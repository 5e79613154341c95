// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.dit.text.TextInput;
import ai.dsr.sample.text.CaptionReader;
import ai.dsr.sample.text.StatesReader;
import ai.dsr.sample.text.TokenReader;
import java.util.List;
import java.util.Map;

/** How the cache stores what a reader says of captions, and how it makes batches of that. */
sealed interface CaptionFormat permits StatesFormat, TokenFormat {
    /** The format of what a reader gives. */
    static CaptionFormat of(CaptionReader reader) {
        return reader instanceof TokenReader tokens
                ? new TokenFormat(tokens)
                : new StatesFormat(((StatesReader) reader).encoder());
    }

    /**
     * Reads the captions of a shard.
     *
     * @param done is run after each
     */
    Rows read(List<String> captions, Runnable done);

    /** Stored captions as a batch, padded to the longest. */
    TextInput gather(NDManager manager, List<Place> places);

    /**
     * What is stored.
     *
     * @param tensors by name; rows of all captions one after the other
     * @param lengths rows of each caption
     */
    record Rows(Map<String, TensorData> tensors, List<Integer> lengths) {}

    /** Where a caption is: number {@code row} of a shard, with rows {@code from} to {@code to} of its tensors. */
    record Place(StateDict shard, int row, int from, int to) {
        int length() {
            return to - from;
        }
    }

    /** Rows of the longest. */
    static int longest(List<Place> places) {
        return places.stream().mapToInt(Place::length).max().orElseThrow();
    }
}
