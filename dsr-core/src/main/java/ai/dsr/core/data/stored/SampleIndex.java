// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * All samples of a stored data set: in which file the bytes of each image lie, and what is known about it.
 *
 * <p>Kept in a few arrays, since data sets have millions of samples: about 80 bytes each.
 */
final class SampleIndex {
    private final Head head;
    private final StringColumn ids;
    private final StringColumn files; // null: the ids
    private final StringColumn captions; // null: the class names
    private final int[] labels;
    private final int[] lengths;
    private final long[] offsets; // null: 0

    /**
     * What stands in front of the columns.
     *
     * @param classNames in the order of the labels
     * @param fingerprint SHA-256 over everything below but the places of images within their files
     * @param watched files and folders that the index was made from
     * @param faults samples that were left out
     */
    record Head(List<String> classNames, String fingerprint, List<Watched> watched, List<Fault> faults) {}

    /** A file or folder below the root with its state when it was read; another state makes the index stale. */
    record Watched(String path, long modifiedMillis, long size) {}

    /** A sample that cannot be used, and why. */
    record Fault(String id, String reason) {}

    private SampleIndex(
            Head head,
            StringColumn ids,
            StringColumn files,
            StringColumn captions,
            int[] labels,
            int[] lengths,
            long[] offsets) {
        this.head = head;
        this.ids = ids;
        this.files = files;
        this.captions = captions;
        this.labels = labels;
        this.lengths = lengths;
        this.offsets = offsets;
    }

    Head head() {
        return head;
    }

    int size() {
        return labels.length;
    }

    String id(int index) {
        return ids.get(index);
    }

    int label(int index) {
        return labels[index];
    }

    /** The caption; where there is none the class name in words. */
    String caption(int index) {
        return captions != null
                ? captions.get(index)
                : head.classNames().get(labels[index]).replaceAll("[-_]+", " ");
    }

    /** The file below the root that holds the image. */
    String file(int index) {
        return (files == null ? ids : files).get(index);
    }

    /** Where the image begins in its file. */
    long offset(int index) {
        return offsets == null ? 0 : offsets[index];
    }

    /** Bytes of the encoded image. */
    int length(int index) {
        return lengths[index];
    }

    void write(DataOutputStream out) throws IOException {
        byte[] json = Json.canonical(head).getBytes(StandardCharsets.UTF_8);
        out.writeInt(json.length);
        out.write(json);
        ids.write(out);
        writeOptional(out, files);
        writeOptional(out, captions);
        StringColumn.writeInts(out, labels);
        StringColumn.writeInts(out, lengths);
        out.writeBoolean(offsets != null);
        if (offsets != null) {
            for (long offset : offsets) {
                out.writeLong(offset);
            }
        }
    }

    private static void writeOptional(DataOutputStream out, StringColumn column) throws IOException {
        out.writeBoolean(column != null);
        if (column != null) {
            column.write(out);
        }
    }

    static SampleIndex read(DataInputStream in) throws IOException {
        byte[] json = new byte[in.readInt()];
        in.readFully(json);
        Head head = Json.mapper().readValue(json, Head.class);
        StringColumn ids = StringColumn.read(in);
        StringColumn files = in.readBoolean() ? StringColumn.read(in) : null;
        StringColumn captions = in.readBoolean() ? StringColumn.read(in) : null;
        int[] labels = StringColumn.readInts(in);
        int[] lengths = StringColumn.readInts(in);
        long[] offsets = null;
        if (in.readBoolean()) {
            offsets = new long[labels.length];
            for (int i = 0; i < offsets.length; i++) {
                offsets[i] = in.readLong();
            }
        }
        return new SampleIndex(head, ids, files, captions, labels, lengths, offsets);
    }

    /** Collects samples in their final order. */
    static final class Builder {
        private final StringColumn.Builder ids = new StringColumn.Builder();
        private final StringColumn.Builder files = new StringColumn.Builder();
        private final StringColumn.Builder captions = new StringColumn.Builder();
        private final List<Fault> faults = new ArrayList<>();
        private final List<Watched> watched = new ArrayList<>();
        private final MessageDigest digest = Sha256.digest();
        private int[] labels = new int[16];
        private int[] lengths = new int[16];
        private long[] offsets = new long[16];
        private int count;
        private boolean hasFiles;
        private boolean hasCaptions;

        /** Adds an image that is a whole file; {@code id} is its path below the root. */
        void add(String id, int label, String caption, long length) {
            add(id, id, 0, length, label, caption);
        }

        /**
         * Adds an image.
         *
         * @param caption null if the class name stands for it; all samples have one, or none
         */
        void add(String id, String file, long offset, long length, int label, String caption) {
            if (count == labels.length) {
                labels = Arrays.copyOf(labels, 2 * count);
                lengths = Arrays.copyOf(lengths, 2 * count);
                offsets = Arrays.copyOf(offsets, 2 * count);
            }
            ids.add(id);
            files.add(file);
            captions.add(caption == null ? "" : caption);
            hasFiles |= !file.equals(id);
            hasCaptions |= caption != null;
            labels[count] = label;
            lengths[count] = Math.toIntExact(length);
            offsets[count] = offset;
            count++;
            digest.update((id + "\n" + label + "\n" + length + "\n" + caption + "\n").getBytes(StandardCharsets.UTF_8));
        }

        void fault(String id, String reason) {
            faults.add(new Fault(id, reason));
        }

        void watch(String path, long modifiedMillis, long size) {
            watched.add(new Watched(path, modifiedMillis, size));
        }

        int faults() {
            return faults.size();
        }

        Fault firstFault() {
            return faults.get(0);
        }

        SampleIndex build(List<String> classNames) {
            digest.update(String.join("\n", classNames).getBytes(StandardCharsets.UTF_8));
            Head head =
                    new Head(List.copyOf(classNames), Sha256.hex(digest), List.copyOf(watched), List.copyOf(faults));
            return new SampleIndex(
                    head,
                    ids.build(),
                    hasFiles ? files.build() : null,
                    hasCaptions ? captions.build() : null,
                    Arrays.copyOf(labels, count),
                    Arrays.copyOf(lengths, count),
                    hasFiles ? Arrays.copyOf(offsets, count) : null);
        }
    }
}
