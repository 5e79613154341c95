// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * IEEE half (binary16) and bfloat16 values to and from float, on the host.
 *
 * <p>Needed because DJL cannot hand bfloat16 to the engine, and so that weights can be shrunk without one. Widening is
 * exact, narrowing rounds to nearest, ties to even, as torch does.
 */
public final class HalfFloats {
    /** 2^112, which moves a half's exponent (bias 15) to a float's (bias 127) after a shift of 13 bits. */
    private static final float HALF_TO_FLOAT_SCALE = 0x1.0p112f;

    /** Smallest float whose half is infinite: halfway between 65504 and 65536. */
    private static final float HALF_OVERFLOW = 65520f;

    /** Its last bit is worth 2^-24, the unit of half's subnormals: adding it rounds a magnitude to that unit. */
    private static final float HALF_SUBNORMAL_MAGIC = 0.5f;

    private HalfFloats() {}

    /** The value of a half given by its 16 bits. */
    public static float halfToFloat(short bits) {
        int magnitude = bits & 0x7fff;
        int sign = (bits & 0x8000) << 16;
        if (magnitude >= 0x7c00) { // infinity or NaN
            return Float.intBitsToFloat(sign | 0x7f800000 | ((magnitude & 0x3ff) << 13));
        }
        float value = Float.intBitsToFloat(magnitude << 13) * HALF_TO_FLOAT_SCALE;
        return Float.intBitsToFloat(sign | Float.floatToRawIntBits(value));
    }

    /** The 16 bits of the half nearest to a value; too large a value becomes infinite. */
    public static short floatToHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        float magnitude = Math.abs(value);
        if (magnitude >= HALF_OVERFLOW) {
            return (short) (sign | 0x7c00);
        }
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude < 0x1.0p-14f) { // subnormal: let the addition round
            int rounded = Float.floatToRawIntBits(magnitude + HALF_SUBNORMAL_MAGIC);
            return (short) (sign | (rounded - Float.floatToRawIntBits(HALF_SUBNORMAL_MAGIC)));
        }
        int rest = (bits & 0x7fffffff) - (112 << 23); // exponent with half's bias
        int odd = (rest >>> 13) & 1;
        return (short) (sign | ((rest + 0xfff + odd) >>> 13));
    }

    /** The half nearest to a value, as a float. */
    public static float roundToHalf(float value) {
        return halfToFloat(floatToHalf(value));
    }

    /** The value of a bfloat16 given by its 16 bits. */
    static float bfloatToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The 16 bits of the bfloat16 nearest to a value. */
    static short floatToBfloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40); // keeps it a NaN when the low bits are dropped
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    /** Widens all of {@code source} into {@code target}. */
    static void widenHalf(ShortBuffer source, FloatBuffer target) {
        int n = source.remaining();
        for (int i = 0; i < n; i++) {
            target.put(i, halfToFloat(source.get(i)));
        }
    }

    /** Widens all of {@code source} into {@code target}. */
    static void widenBfloat(ShortBuffer source, FloatBuffer target) {
        int n = source.remaining();
        for (int i = 0; i < n; i++) {
            target.put(i, bfloatToFloat(source.get(i)));
        }
    }

    /** Appends {@code values} to {@code target} as halves, or as bfloat16 when {@code bfloat}. */
    static void narrow(float[] values, ByteBuffer target, boolean bfloat) {
        for (float value : values) {
            target.putShort(bfloat ? floatToBfloat(value) : floatToHalf(value));
        }
    }
}
