// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Sample;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A folder of latents that something else has encoded: safetensors files, each with {@code latents (n, C, H, W)} and
 * {@code labels (n)} int64, as the feature extraction of LightningDiT writes them.
 *
 * <p>Files are mapped, not read; the samples are those of the files in the order of their names. Latents are used as they
 * are. A file {@code classes.txt} names the classes, one a line; without it they are called by their numbers.
 */
public final class LatentFolder implements ImageDataset, LatentSource {
    private static final String LATENTS = "latents";
    private static final String LABELS = "labels";
    private static final String CLASSES = "classes.txt";

    private final Path folder;
    private final TreeMap<Integer, TensorData> files = new TreeMap<>(); // by the number of the first sample
    private final int[] labels;
    private final List<String> classNames;
    private final String fingerprint;

    private LatentFolder(Path folder, List<Path> paths) throws IOException {
        this.folder = folder;
        List<long[]> labelsOfFiles = new ArrayList<>();
        StringBuilder contents = new StringBuilder();
        int size = 0;
        for (Path path : paths) {
            StateDict tensors = SafeTensors.read(path);
            TensorData latents = tensors.get(LATENTS);
            long[] shape = latents.shape();
            long[] ofFile = tensors.get(LABELS).toLongs();
            Shape expected = files.isEmpty() ? latents.toShape() : files.get(0).toShape();
            if (shape.length != 4
                    || ofFile.length != shape[0]
                    || !expected.slice(1).equals(latents.toShape().slice(1))) {
                throw new IllegalArgumentException(path + ": expected latents (n, C, H, W) of one size in all files and"
                        + " n labels, got " + latents.toShape() + " and " + ofFile.length + " labels");
            }
            files.put(size, latents);
            labelsOfFiles.add(ofFile);
            size += Math.toIntExact(shape[0]);
            contents.append(path.getFileName())
                    .append(' ')
                    .append(Files.size(path))
                    .append(' ');
            contents.append(Files.getLastModifiedTime(path).toMillis()).append('\n');
        }
        labels = labelsOfFiles.stream()
                .flatMapToLong(Arrays::stream)
                .mapToInt(Math::toIntExact)
                .toArray();
        classNames = readClassNames();
        fingerprint = Sha256.ofText(contents.toString());
    }

    /**
     * Opens a folder.
     *
     * @throws IllegalArgumentException if it holds no such files, or naming the file that is different
     */
    public static LatentFolder open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(folder + ": expected a folder of latents, got no such folder");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> paths = entries.filter(path -> path.toString().endsWith(".safetensors"))
                    .sorted()
                    .toList();
            if (paths.isEmpty()) {
                throw new IllegalArgumentException(
                        folder + ": expected safetensors files with latents and labels, got none");
            }
            return new LatentFolder(folder, paths);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot read latents", e);
        }
    }

    private List<String> readClassNames() throws IOException {
        int highest = IntStream.of(labels).max().orElse(-1);
        Path file = folder.resolve(CLASSES);
        List<String> names = Files.exists(file)
                ? Files.readAllLines(file).stream()
                        .filter(line -> !line.isBlank())
                        .toList()
                : IntStream.rangeClosed(0, highest).mapToObj(Integer::toString).toList();
        if (highest >= names.size() || IntStream.of(labels).min().orElse(0) < 0) {
            throw new IllegalArgumentException(
                    folder + ": expected labels of 0 to " + (names.size() - 1) + ", got " + highest);
        }
        return names;
    }

    @Override
    public String name() {
        return folder.getFileName().toString();
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public Shape sampleShape() {
        return files.get(0).toShape().slice(1);
    }

    @Override
    public NDArray gather(NDManager manager, int[] samples) {
        NDList latents = new NDList();
        for (int sample : samples) {
            latents.add(one(manager, sample));
        }
        return NDArrays.stack(latents);
    }

    private NDArray one(NDManager manager, int sample) {
        int first = files.floorKey(sample);
        TensorData file = files.get(first);
        int each =
                Math.toIntExact(TensorData.byteCount(file.type(), sampleShape().getShape()));
        ByteBuffer bytes = file.bytes();
        int start = (sample - first) * each;
        return TensorData.of(
                        file.type(), sampleShape(), bytes.slice(start, each).order(bytes.order()))
                .toArray(manager, DataType.FLOAT32);
    }

    @Override
    public Sample get(int index) {
        throw new IllegalStateException(folder + ": expected nobody to ask for pictures of stored latents");
    }

    @Override
    public int label(int index) {
        return labels[index];
    }

    @Override
    public String id(int index) {
        return Integer.toString(index);
    }

    @Override
    public String caption(int index) {
        return "";
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }
}
