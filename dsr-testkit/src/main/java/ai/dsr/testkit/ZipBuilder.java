// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Writes zip archives member by member as PyTorch does, sizes in the directory only, right or wrong. */
@SuppressWarnings("ByteBufferBackingArray") // every buffer here is a whole array of its own
public final class ZipBuilder {
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private int count;
    private boolean isZip64;

    /** An archive with a pickle and its storages, keys from 0. */
    public static byte[] checkpoint(byte[] pickle, byte[]... storages) {
        ZipBuilder zip = new ZipBuilder().add("archive/data.pkl", pickle).add("archive/byteorder", "little");
        for (int i = 0; i < storages.length; i++) {
            zip.add("archive/data/" + i, storages[i]);
        }
        return zip.end();
    }

    /** All sizes and places in zip64 records, as if they were too large. */
    public ZipBuilder zip64() {
        isZip64 = true;
        return this;
    }

    /** A member of ASCII text. */
    public ZipBuilder add(String name, String content) {
        return add(name, content.getBytes(StandardCharsets.US_ASCII));
    }

    /** A member. */
    public ZipBuilder add(String name, byte[] content) {
        return add(name, content, content.length, 0);
    }

    /** A member that claims another size or a compression method. */
    public ZipBuilder add(String name, byte[] content, long claimedSize, int method) {
        byte[] text = name.getBytes(StandardCharsets.ISO_8859_1);
        int header = data.size();
        CRC32 crc = new CRC32();
        crc.update(content);
        ByteBuffer local = buffer(30 + text.length + 5);
        local.putInt(0x04034b50).putShort((short) 20).putShort((short) 8).putShort((short) method);
        local.putInt(0).putInt(0).putInt(0).putInt(0); // time, and what the data descriptor would hold
        local.putShort((short) text.length)
                .putShort((short) 5)
                .put(text)
                .put("FB\1\0Z".getBytes(StandardCharsets.US_ASCII));
        data.writeBytes(local.array());
        data.writeBytes(content);
        entry(text, header, crc.getValue(), claimedSize, method);
        return this;
    }

    /** A second entry of the directory for bytes that are there already. */
    public ZipBuilder entry(byte[] name, long header, long crc, long size, int method) {
        ByteBuffer entry = buffer(46 + name.length + (isZip64 ? 28 : 0));
        entry.putInt(0x02014b50)
                .putShort((short) 20)
                .putShort((short) 20)
                .putShort((short) 8)
                .putShort((short) method);
        entry.putInt(0).putInt((int) crc);
        entry.putInt(isZip64 ? -1 : (int) size).putInt(isZip64 ? -1 : (int) size);
        entry.putShort((short) name.length).putShort((short) (isZip64 ? 28 : 0)).putShort((short) 0);
        entry.putShort((short) 0)
                .putShort((short) 0)
                .putInt(0)
                .putInt(isZip64 ? -1 : (int) header)
                .put(name);
        if (isZip64) {
            entry.putShort((short) 1)
                    .putShort((short) 24)
                    .putLong(size)
                    .putLong(size)
                    .putLong(header);
        }
        directory.writeBytes(entry.array());
        count++;
        return this;
    }

    /** The archive. */
    public byte[] end() {
        return end(count, directory.size());
    }

    /** The archive with these claims about its directory. */
    public byte[] end(int claimedCount, long claimedSize) {
        long start = data.size();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(data.toByteArray());
        all.writeBytes(directory.toByteArray());
        if (isZip64) {
            long end64 = all.size();
            all.writeBytes(buffer(56)
                    .putInt(0x06064b50)
                    .putLong(44)
                    .putInt(0)
                    .putLong(0)
                    .putLong(claimedCount)
                    .putLong(claimedCount)
                    .putLong(claimedSize)
                    .putLong(start)
                    .array());
            all.writeBytes(buffer(20)
                    .putInt(0x07064b50)
                    .putInt(0)
                    .putLong(end64)
                    .putInt(1)
                    .array());
        }
        ByteBuffer end = buffer(22).putInt(0x06054b50).putInt(0);
        end.putShort((short) (isZip64 ? -1 : claimedCount)).putShort((short) (isZip64 ? -1 : claimedCount));
        end.putInt(isZip64 ? -1 : (int) claimedSize)
                .putInt(isZip64 ? -1 : (int) start)
                .putShort((short) 0);
        all.writeBytes(end.array());
        return all.toByteArray();
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
