// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What stands before the data of a {@code .npy} array: type, order and shape (NumPy's format, versions 1 to 3).
 *
 * @param type element type
 * @param shape sides; empty for a scalar
 * @param isBigEndian whether elements have their high byte first
 * @param isFortranOrder whether the first index is the fastest
 * @param headerBytes length of everything before the data
 */
public record NpyHeader(DataType type, Shape shape, boolean isBigEndian, boolean isFortranOrder, int headerBytes) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int PREFIX = MAGIC.length + 2; // and the version
    private static final int ALIGNMENT = 64; // of the data, so that maps of the file are aligned
    private static final int MAX_HEADER = 1 << 20;
    private static final Set<String> KEYS = Set.of("descr", "fortran_order", "shape");

    private static final Map<String, DataType> TYPES = Map.of(
            "u1", DataType.UINT8,
            "i1", DataType.INT8,
            "i2", DataType.INT16,
            "i4", DataType.INT32,
            "i8", DataType.INT64,
            "f2", DataType.FLOAT16,
            "f4", DataType.FLOAT32,
            "f8", DataType.FLOAT64,
            "b1", DataType.BOOLEAN);

    /**
     * Reads the header at the beginning of {@code in}, which is then at the data.
     *
     * @param size length of the whole array file in bytes
     * @throws IllegalArgumentException without a subject, if it is no header or the data would be longer than the rest
     */
    static NpyHeader read(InputStream in, long size) throws IOException {
        byte[] prefix = in.readNBytes(PREFIX);
        if (prefix.length < PREFIX || !startsWithMagic(prefix)) {
            throw new IllegalArgumentException("expected an array that begins with \\x93NUMPY, got other bytes");
        }
        int version = prefix[MAGIC.length];
        if (version < 1 || version > 3) {
            throw new IllegalArgumentException("version: expected 1 to 3, got " + version);
        }
        byte[] lengthBytes = in.readNBytes(version == 1 ? Short.BYTES : Integer.BYTES);
        int lengthSize = version == 1 ? Short.BYTES : Integer.BYTES;
        if (lengthBytes.length < lengthSize) {
            throw new IllegalArgumentException("header: expected its length, got the end of the data");
        }
        ByteBuffer buffer = ByteBuffer.wrap(lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
        long length = version == 1 ? buffer.getShort() & 0xffff : buffer.getInt() & 0xffffffffL;
        if (length > Math.min(MAX_HEADER, size - PREFIX - lengthSize)) {
            throw new IllegalArgumentException("header: expected at most "
                    + Math.min(MAX_HEADER, size - PREFIX - lengthSize) + " bytes, got " + length);
        }
        byte[] text = in.readNBytes((int) length);
        String header = new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
        NpyHeader parsed = parse(header, PREFIX + lengthSize + (int) length);
        long needed = parsed.dataBytes();
        if (needed > size - parsed.headerBytes) {
            throw new IllegalArgumentException("data: expected " + needed + " bytes for " + parsed.type + " "
                    + parsed.shape + ", got " + (size - parsed.headerBytes));
        }
        return parsed;
    }

    /** The bytes before the data of a little-endian row-major array, version 1. */
    static byte[] encode(DataType type, long[] shape) {
        StringBuilder sides = new StringBuilder();
        for (long side : shape) {
            sides.append(side).append(shape.length == 1 ? "," : ", ");
        }
        String tuple = shape.length > 1 ? sides.substring(0, sides.length() - 2) : sides.toString();
        String dictionary = "{'descr': '" + describe(type) + "', 'fortran_order': False, 'shape': (" + tuple + "), }";
        int unpadded = PREFIX + Short.BYTES + dictionary.length() + 1;
        int padding = Math.floorMod(-unpadded, ALIGNMENT);
        byte[] text = (dictionary + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(unpadded + padding)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) text.length)
                .put(text)
                .array();
    }

    /** Whether {@code bytes} are the beginning of an array file. */
    static boolean startsWithMagic(byte[] bytes) {
        return bytes.length >= MAGIC.length
                && ByteBuffer.wrap(bytes, 0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }

    /** Bytes of all elements. */
    public long dataBytes() {
        return TensorData.byteCount(type, shape.getShape());
    }

    private static String describe(DataType type) {
        for (Map.Entry<String, DataType> entry : TYPES.entrySet()) {
            if (entry.getValue() == type) {
                return (type.getNumOfBytes() == 1 ? "|" : "<") + entry.getKey();
            }
        }
        throw new IllegalArgumentException("array: expected one of the types " + TYPES.values() + ", got " + type);
    }

    private static NpyHeader parse(String text, int headerBytes) {
        Map<String, Object> header = PythonLiteral.dictionary(text);
        if (!header.keySet().equals(KEYS)) {
            throw new IllegalArgumentException("header: expected the keys descr, fortran_order and shape, got "
                    + header.keySet().stream().sorted().toList());
        }
        if (!(header.get("fortran_order") instanceof Boolean fortranOrder)) {
            throw new IllegalArgumentException(
                    "fortran_order: expected True or False, got " + header.get("fortran_order"));
        }
        String descr = String.valueOf(header.get("descr"));
        if (descr.endsWith("O")) {
            throw new IllegalArgumentException("descr: expected numbers, got Python objects (" + descr
                    + "); pickles are never read, save the array with a numeric dtype");
        }
        boolean isShort = descr.length() < 3;
        DataType type = isShort ? null : TYPES.get(descr.substring(1));
        if (type == null || "<>|=".indexOf(descr.charAt(0)) < 0) {
            throw new IllegalArgumentException("descr: expected <, > or | and one of "
                    + TYPES.keySet().stream().sorted().toList() + ", got " + descr);
        }
        return new NpyHeader(type, shape(header.get("shape")), descr.charAt(0) == '>', fortranOrder, headerBytes);
    }

    private static Shape shape(Object value) {
        if (!(value instanceof List<?> sides)
                || !sides.stream().allMatch(side -> side instanceof Long number && number >= 0)) {
            throw new IllegalArgumentException("shape: expected a tuple of sides of 0 or more, got " + value);
        }
        return new Shape(sides.stream().mapToLong(side -> (Long) side).toArray());
    }
}
