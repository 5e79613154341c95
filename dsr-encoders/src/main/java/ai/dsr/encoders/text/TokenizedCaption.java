// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import java.util.Arrays;

/** A caption as token ids with a mask, special tokens included. */
public final class TokenizedCaption {
    private final long[] ids;
    private final long[] mask;
    private final long[] types;

    /** Wraps arrays of one length: ids, mask (1 is text, 0 is padding) and segment ids. */
    TokenizedCaption(long[] ids, long[] mask, long[] types) {
        this.ids = ids;
        this.mask = mask;
        this.types = types;
    }

    /** Number of tokens, padding included. */
    public int length() {
        return ids.length;
    }

    /** Number of tokens without padding. */
    public int validLength() {
        return (int) Arrays.stream(mask).sum();
    }

    /** Whether token {@code i} is no padding. */
    public boolean isValid(int i) {
        return mask[i] == 1;
    }

    /** Place of the last token that is no padding. */
    public int lastValid() {
        int last = ids.length - 1;
        while (last > 0 && !isValid(last)) {
            last--;
        }
        return last;
    }

    /** Token ids. */
    public long[] ids() {
        return ids.clone();
    }

    /** 1 for text, 0 for padding. */
    public long[] mask() {
        return mask.clone();
    }

    /** Segment ids; all 0 for a single text. */
    public long[] types() {
        return types.clone();
    }

    /** Places among the tokens that are no padding, from 0; 0 for padding in front. */
    public long[] positions() {
        long[] positions = new long[ids.length];
        long seen = 0;
        for (int i = 0; i < ids.length; i++) {
            seen += mask[i];
            positions[i] = Math.max(seen - 1, 0);
        }
        return positions;
    }
}
