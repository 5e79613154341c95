// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The table of contents of a zip archive whose members are stored, not compressed: where each lies in the file.
 *
 * <p>Goes by the central directory, as it must: PyTorch writes sizes after the data, pads the local headers, and needs
 * zip64 for large files. Nothing is ever inflated, members may not overlap, and names never become paths.
 *
 * @param members the members by name, in the directory's order
 */
record StoredZip(Map<String, Member> members) {
    private static final int LOCAL_HEADER = 0x04034b50;
    private static final int DIRECTORY_ENTRY = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64_LOCATOR = 0x07064b50;
    private static final int END_64 = 0x06064b50;

    private static final int LOCAL_HEADER_SIZE = 30;

    /** A member's header with a name of usual length. */
    private static final int HEADER_BUFFER = 128;

    private static final int END_SIZE = 22;
    private static final int LOCATOR_SIZE = 20;
    private static final int END_64_SIZE = 56;
    private static final int LONGEST_COMMENT = 0xffff;

    /** A field with this value has its real one in the zip64 record. */
    private static final long IN_ZIP64 = 0xffffffffL;

    private static final int EXTRA_ZIP64 = 1;
    private static final int ENCRYPTED = 1;

    /** Bytes of the directory of a million members; a model has some thousands. */
    private static final long MAX_DIRECTORY = 1L << 26;

    /** No folder above, no absolute path, no drive, nothing that a terminal would act on. */
    private static final Pattern PLAIN_NAME = Pattern.compile("(?!/)(?!.*(^|/)\\.\\.(/|$))[^\\\\:\\p{Cntrl}]+");

    /**
     * One member.
     *
     * @param begin where its bytes start in the file
     * @param size how many there are
     * @param crc their CRC-32
     */
    record Member(long begin, long size, long crc) {}

    /** What the directory says of a member, before its own header has been seen. */
    private record Entry(String name, long header, long size, long crc) {}

    private record Directory(long begin, long size, long count) {}

    /**
     * Reads the directory.
     *
     * @throws IllegalArgumentException if the archive ends early, is compressed, or contradicts itself
     */
    static StoredZip read(FileChannel channel) throws IOException {
        Directory directory = findDirectory(channel);
        if (directory.size > MAX_DIRECTORY) {
            throw new IllegalArgumentException(
                    "zip: expected a directory of at most " + MAX_DIRECTORY + " bytes, got " + directory.size);
        }
        PickleInput in = new PickleInput(channel, directory.begin, directory.begin + directory.size);
        List<Entry> entries = new ArrayList<>();
        while (in.remaining() > 0) {
            entries.add(readEntry(in));
        }
        if (entries.size() != directory.count) {
            throw new IllegalArgumentException("zip: expected " + directory.count + " members, got " + entries.size());
        }
        return new StoredZip(locate(channel, entries, directory.begin));
    }

    /** The member of this name. */
    Member require(String name) {
        Member member = members.get(name);
        if (member == null) {
            throw new IllegalArgumentException("zip: expected a member " + name + ", got none");
        }
        return member;
    }

    private static Directory findDirectory(FileChannel channel) throws IOException {
        long size = channel.size();
        long from = Math.max(0, size - END_SIZE - LONGEST_COMMENT);
        ByteBuffer tail = new PickleInput(channel, from, size).read(size - from);
        int at = tail.limit() - END_SIZE;
        while (at >= 0
                && (tail.getInt(at) != END || (tail.getShort(at + 20) & 0xffff) != tail.limit() - at - END_SIZE)) {
            at--;
        }
        if (at < 0) {
            throw new IllegalArgumentException(
                    "zip: expected a directory at the end of the file, got none; the file ends early");
        }
        long end = from + at;
        Directory directory = new Directory(
                tail.getInt(at + 16) & IN_ZIP64, tail.getInt(at + 12) & IN_ZIP64, tail.getShort(at + 10) & 0xffff);
        if (at >= LOCATOR_SIZE && tail.getInt(at - LOCATOR_SIZE) == END_64_LOCATOR) {
            end = tail.getLong(at - LOCATOR_SIZE + 8);
            directory = readEnd64(channel, end);
        }
        if (directory.begin < 0 || directory.size < 0 || directory.begin > end - directory.size) {
            throw new IllegalArgumentException("zip: expected a directory before byte " + end + ", got "
                    + directory.size + " bytes from " + directory.begin + "; the file ends early");
        }
        return directory;
    }

    private static Directory readEnd64(FileChannel channel, long at) throws IOException {
        if (at < 0 || at > channel.size() - END_64_SIZE) {
            throw new IllegalArgumentException(
                    "zip: expected the end of a zip64 directory in the file, got byte " + at);
        }
        ByteBuffer end = new PickleInput(channel, at, channel.size()).read(END_64_SIZE);
        if (end.getInt(0) != END_64) {
            throw new IllegalArgumentException("zip: expected the end of a zip64 directory, got other bytes");
        }
        return new Directory(end.getLong(48), end.getLong(40), end.getLong(32));
    }

    private static Entry readEntry(PickleInput in) throws IOException {
        ByteBuffer fixed = in.read(46);
        if (fixed.getInt(0) != DIRECTORY_ENTRY) {
            throw new IllegalArgumentException("zip: expected an entry of the directory, got other bytes");
        }
        String name = in.readText(fixed.getShort(28) & 0xffff);
        ByteBuffer extra = in.read(fixed.getShort(30) & 0xffff);
        in.skip(fixed.getShort(32) & 0xffff);
        if (!PLAIN_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("zip: expected plain relative names, got one that is not");
        }
        long packed = fixed.getInt(20) & IN_ZIP64;
        long size = fixed.getInt(24) & IN_ZIP64;
        long header = fixed.getInt(42) & IN_ZIP64;
        ByteBuffer zip64 = zip64(extra);
        size = size == IN_ZIP64 ? next(zip64, name) : size;
        packed = packed == IN_ZIP64 ? next(zip64, name) : packed;
        header = header == IN_ZIP64 ? next(zip64, name) : header;
        if (fixed.getShort(10) != 0 || packed != size || (fixed.getShort(8) & ENCRYPTED) != 0) {
            throw new IllegalArgumentException(
                    "zip: " + name + ": expected a member that is stored, got one that is compressed or encrypted");
        }
        return new Entry(name, header, size, fixed.getInt(16) & 0xffffffffL);
    }

    private static ByteBuffer zip64(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int id = extra.getShort() & 0xffff;
            int length = Math.min(extra.getShort() & 0xffff, extra.remaining());
            if (id == EXTRA_ZIP64) {
                return extra.limit(extra.position() + length);
            }
            extra.position(extra.position() + length);
        }
        return extra.limit(extra.position());
    }

    private static long next(ByteBuffer zip64, String name) {
        if (zip64.remaining() < Long.BYTES) {
            throw new IllegalArgumentException("zip: " + name + ": expected its zip64 record, got none");
        }
        return zip64.getLong();
    }

    /** Looks at the members' own headers, in the order of the file. */
    private static Map<String, Member> locate(FileChannel channel, List<Entry> entries, long dataEnd)
            throws IOException {
        List<Entry> inFileOrder = new ArrayList<>(entries);
        inFileOrder.sort(Comparator.comparingLong(Entry::header));
        Map<String, Member> located = new LinkedHashMap<>();
        entries.forEach(entry -> located.put(entry.name, null)); // keeps the directory's order
        if (located.size() != entries.size()) {
            throw new IllegalArgumentException("zip: expected distinct names, got two members of one name");
        }
        long free = 0;
        for (Entry entry : inFileOrder) {
            if (entry.header < free || entry.header > dataEnd - LOCAL_HEADER_SIZE) {
                throw new IllegalArgumentException("zip: " + entry.name
                        + ": expected a header between the members before it and the directory, got byte "
                        + entry.header);
            }
            PickleInput in = new PickleInput(channel, entry.header, dataEnd, HEADER_BUFFER);
            ByteBuffer fixed = in.read(LOCAL_HEADER_SIZE);
            if (fixed.getInt(0) != LOCAL_HEADER || fixed.getShort(8) != 0) {
                throw new IllegalArgumentException("zip: " + entry.name + ": expected its header, got other bytes");
            }
            if (!in.readText(fixed.getShort(26) & 0xffff).equals(entry.name)) {
                throw new IllegalArgumentException("zip: " + entry.name + ": expected its header, got that of another");
            }
            in.skip(fixed.getShort(28) & 0xffff);
            long begin = in.position();
            if (entry.size < 0 || entry.size > dataEnd - begin) {
                throw new IllegalArgumentException("zip: " + entry.name + ": expected at most " + (dataEnd - begin)
                        + " bytes, got " + entry.size + "; the file ends early");
            }
            free = begin + entry.size;
            located.put(entry.name, new Member(begin, entry.size, entry.crc));
        }
        return located;
    }
}
