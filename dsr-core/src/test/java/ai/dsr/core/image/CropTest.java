// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import com.fasterxml.jackson.databind.JsonNode;
import java.awt.Point;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CropTest {
    private static final Path CASES = Path.of(System.getProperty("dsr.root", ".."), "fixtures", "image.preprocess");

    static List<Path> centerCropCases() throws IOException {
        return cases("center_crop");
    }

    static List<Path> trainCropCases() throws IOException {
        return cases("train_crop");
    }

    private static List<Path> cases(String op) throws IOException {
        try (Stream<Path> folders = Files.list(CASES)) {
            return folders.filter(folder -> config(folder).path("op").asText().equals(op))
                    .sorted()
                    .toList();
        }
    }

    private static JsonNode config(Path folder) {
        return Json.read(folder.resolve("case.json")).path("config");
    }

    @ParameterizedTest
    @MethodSource("centerCropCases")
    void centerCropsOfPillow12AreMatchedExactly(Path folder) {
        StateDict tensors = SafeTensors.read(folder.resolve("tensors.safetensors"));
        RgbImage crop = Crop.center(
                image(tensors.get("in/image")),
                config(folder).path("image_size").asInt());
        assertArrayEquals(bytes(tensors.get("out/crop")), crop.toBytes());
        assertArrayEquals(bytes(tensors.get("out/flipped")), crop.flipped().toBytes());
    }

    @ParameterizedTest
    @MethodSource("trainCropCases")
    void trainingCropsOfPillow12AreMatchedExactly(Path folder) {
        StateDict tensors = SafeTensors.read(folder.resolve("tensors.safetensors"));
        JsonNode config = config(folder);
        RgbImage image = image(tensors.get("in/image"));
        int first = config.path("first_crop_size").asInt();
        assertArrayEquals(
                bytes(tensors.get("out/resized")),
                Crop.shorterSideTo(image, first).toBytes());
        RgbImage crop = Crop.window(
                image,
                config.path("image_size").asInt(),
                first,
                config.path("top").asInt(),
                config.path("left").asInt());
        assertArrayEquals(bytes(tensors.get("out/crop")), crop.toBytes());
    }

    @Test
    void firstCropIsThreeHalvesOfTheSize() {
        assertEquals(384, Crop.firstCropSize(256));
        assertEquals(96, Crop.firstCropSize(64));
        assertEquals(49, Crop.firstCropSize(33));
    }

    @Test
    void offsetsReachExactlyToTheBorder() {
        RgbImage image = RgbImage.of(20, 10, new byte[600]);
        Crop.OffsetRange range = Crop.offsets(20, 10, 8, 12);
        assertEquals(new Crop.OffsetRange(4, 16), range);
        assertEquals(8, Crop.window(image, 8, 12, 4, 16).width());
        String message = assertThrows(IllegalArgumentException.class, () -> Crop.window(image, 8, 12, 4, 17))
                .getMessage();
        assertEquals("window: expected top in 0..4 and left in 0..16, got top 4, left 17", message);
    }

    @Test
    void aFirstCropSmallerThanTheWindowIsRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> Crop.offsets(20, 20, 16, 15))
                .getMessage();
        assertTrue(message.contains("expected at least the image size 16, got 15"), message);
        assertThrows(IllegalArgumentException.class, () -> Crop.center(RgbImage.of(1, 1, new byte[3]), 0));
    }

    /** Builds the image through the same conversion that files take: grey, RGB or RGBA samples. */
    private static RgbImage image(TensorData tensor) {
        long[] shape = tensor.shape();
        int height = (int) shape[0];
        int width = (int) shape[1];
        int bands = shape.length == 2 ? 1 : (int) shape[2];
        int[] offsets = IntStream.range(0, bands).toArray();
        DataBufferByte buffer = new DataBufferByte(bytes(tensor), width * height * bands);
        WritableRaster raster =
                Raster.createInterleavedRaster(buffer, width, height, width * bands, bands, offsets, new Point(0, 0));
        ColorSpace space = ColorSpace.getInstance(bands == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB);
        boolean hasAlpha = bands == 4;
        ComponentColorModel model =
                new ComponentColorModel(space, hasAlpha, false, hasAlpha ? 3 : 1, DataBuffer.TYPE_BYTE);
        return RgbImage.of(new BufferedImage(model, raster, false, null));
    }

    private static byte[] bytes(TensorData tensor) {
        byte[] bytes = new byte[(int) tensor.size()];
        tensor.bytes().get(bytes);
        return bytes;
    }
}
