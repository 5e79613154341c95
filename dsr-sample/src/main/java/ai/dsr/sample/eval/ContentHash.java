// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.image.RgbImage;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;

/**
 * SHA-256 of an image's size and pixels, whatever file they came from: the key of its features, and what puts a set of
 * images into an order that does not depend on how it was stored.
 *
 * @param a first 64 bits
 * @param b second
 * @param c third
 * @param d last
 */
record ContentHash(long a, long b, long c, long d) implements Comparable<ContentHash> {
    /** Bytes of {@link #write}. */
    static final int BYTES = 32;

    private static final Comparator<ContentHash> ORDER = Comparator.comparingLong((ContentHash h) -> h.a)
            .thenComparingLong(h -> h.b)
            .thenComparingLong(h -> h.c)
            .thenComparingLong(h -> h.d);

    static ContentHash of(RgbImage image) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(ByteBuffer.allocate(2 * Integer.BYTES)
                    .putInt(image.width())
                    .putInt(image.height())
                    .flip());
            return read(ByteBuffer.wrap(digest.digest(image.toBytes())));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256: expected in every Java runtime", e);
        }
    }

    static ContentHash read(ByteBuffer bytes) {
        return new ContentHash(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    void write(ByteBuffer bytes) {
        bytes.putLong(a).putLong(b).putLong(c).putLong(d);
    }

    @Override
    public int compareTo(ContentHash other) {
        return ORDER.compare(this, other);
    }
}
