// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.types.DataType;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.NpzFile;
import ai.dsr.core.io.NpzWriter;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.stats.Gaussian;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.sample.images.NpzImages;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reference statistics as ADM's evaluator reads them: {@code mu} and {@code sigma} of Inception's last features, {@code
 * mu_s} and {@code sigma_s} of its spatial ones, images in {@code arr_0}.
 *
 * <p>Statistics of an encoder stand under names of their own, so that no other program takes them for Inception's, and
 * {@code dsr_reference} says, as JSON in bytes, what all of it was computed from and how.
 */
public final class ReferenceFile {
    private static final String RECORD = "dsr_reference";
    private static final Map<String, String[]> NAMES = new LinkedHashMap<>();

    static {
        NAMES.put(InceptionFeatures.POOL3, new String[] {"mu", "sigma"});
        NAMES.put(InceptionFeatures.SPATIAL, new String[] {"mu_s", "sigma_s"});
        NAMES.put(EncoderFeatures.CLASS_TOKEN, new String[] {"dsr_class_token_mu", "dsr_class_token_sigma"});
    }

    private ReferenceFile() {}

    /**
     * Reads an archive: statistics, images or both.
     *
     * @throws IllegalArgumentException naming the file, if it is damaged or holds neither
     */
    public static Reference read(Path path) {
        try (NpzFile npz = NpzFile.open(path)) {
            Map<String, Gaussian> statistics = new LinkedHashMap<>();
            NAMES.forEach((part, names) -> {
                if (npz.has(names[0])) {
                    statistics.put(part, gaussian(npz, names[0], names[1]));
                }
            });
            boolean hasImages = npz.has(NpzImages.IMAGES);
            if (!hasImages && statistics.isEmpty()) {
                throw new IllegalArgumentException(path + ": expected images (arr_0) or statistics (mu, sigma), got "
                        + npz.names().stream().sorted().toList());
            }
            return new Reference(path.toString(), hasImages ? new NpzImages(path) : null, statistics, about(npz));
        }
    }

    private static ReferenceRecord about(NpzFile npz) {
        byte[] json = npz.readBytes(RECORD);
        if (json == null) {
            return null;
        }
        ReferenceRecord about = Json.parse(json, ReferenceRecord.class, npz.path() + ": " + RECORD);
        if (!ReferenceRecord.FORMAT.equals(about.format())) {
            throw new IllegalArgumentException(npz.path() + ": " + RECORD + ": format: expected "
                    + ReferenceRecord.FORMAT + ", got " + about.format());
        }
        return about;
    }

    private static Gaussian gaussian(NpzFile npz, String meanName, String covarianceName) {
        TensorData mean = npz.read(meanName);
        TensorData covariance = npz.read(covarianceName);
        long width = mean.size();
        boolean fits = mean.shape().length == 1
                && covariance.shape().length == 2
                && covariance.shape()[0] == width
                && covariance.shape()[1] == width
                && mean.type().isFloating()
                && covariance.type().isFloating();
        if (!fits) {
            throw new IllegalArgumentException(npz.path() + ": expected " + meanName + " (D) and " + covarianceName
                    + " (D, D) in floating point, got " + mean + " and " + covariance);
        }
        try {
            return new Gaussian(doubles(mean), doubles(covariance));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(npz.path() + ": " + meanName + ": " + e.getMessage(), e);
        }
    }

    private static double[] doubles(TensorData data) {
        double[] values = new double[Math.toIntExact(data.size())];
        if (data.type() == DataType.FLOAT64) {
            ByteBuffer bytes = data.bytes();
            bytes.asDoubleBuffer().get(values);
            return values;
        }
        float[] floats = data.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = floats[i];
        }
        return values;
    }

    /**
     * Writes a reference.
     *
     * @param images to be stored as {@code arr_0}, all of one size; null for statistics alone
     */
    public static void write(Path target, Map<String, Gaussian> statistics, ReferenceRecord about, ImageSource images) {
        NpzWriter writer = new NpzWriter();
        statistics.forEach((part, gaussian) -> {
            int width = gaussian.width();
            writer.add(NAMES.get(part)[0], gaussian.mean(), width);
            writer.add(NAMES.get(part)[1], gaussian.covariance(), width, width);
        });
        if (images != null) {
            if (about.imageSize() == null) {
                throw new IllegalArgumentException(
                        about.source() + ": expected images of one size to store them, got several; give --image-size");
            }
            long side = about.imageSize();
            long[] shape = {images.count(), side, side, RgbImage.CHANNELS};
            writer.add(NpzImages.IMAGES, DataType.UINT8, shape, out -> copy(images, out));
        }
        writer.add(RECORD, Json.canonical(about));
        writer.write(target);
    }

    private static void copy(ImageSource images, OutputStream out) throws IOException {
        try (ImageSource.Cursor cursor = images.open()) {
            for (int i = 0; i < images.count(); i++) {
                out.write(cursor.next().toBytes());
            }
        }
    }
}
