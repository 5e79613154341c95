// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.Crop;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.kernel.ConvKernels;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.ParityRunner;
import ai.dsr.testkit.UnsupportedCaseException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The golden cases of this module. */
final class ReferenceParityTest {
    @TestFactory
    Stream<DynamicTest> casesMatchTheReference() {
        return ParityRunner.tests(
                "dsr-core",
                Map.of(
                        "checkpoint.pt", CheckpointCases::read,
                        "eval.frechet", EvaluationCases::frechet,
                        "eval.inception_score", EvaluationCases::inceptionScore,
                        "eval.kid", EvaluationCases::kid,
                        "eval.npz", EvaluationCases::npz,
                        "eval.precision_recall", EvaluationCases::precisionRecall,
                        "image.preprocess", ReferenceParityTest::preprocess));
    }

    // ---- image.preprocess ----

    private static void preprocess(FixtureCase fixture, Checker out) {
        String op = fixture.keys().require("op").asText();
        fixture.keys().ignore("mode"); // the shape of the image says it too
        switch (op) {
            case "center_crop" -> centerCrop(fixture, out);
            case "train_crop" -> trainCrop(fixture, out);
            case "torch_resize" -> torchResize(fixture, out);
            case "to_uint8" -> toBytes(fixture, out);
            default -> throw new UnsupportedCaseException("op: " + op);
        }
    }

    private static void centerCrop(FixtureCase fixture, Checker out) {
        int size = fixture.keys().require("image_size").asInt();
        RgbImage crop = Crop.center(image(fixture.in("image")), size);
        checkImage("crop", crop, fixture, out);
        checkImage("flipped", crop.flipped(), fixture, out);
        out.check("tensor", unit(crop), 3, size, size);
    }

    private static void trainCrop(FixtureCase fixture, Checker out) {
        int size = fixture.keys().require("image_size").asInt();
        int first = fixture.keys().optional("first_crop_size").asInt(Crop.firstCropSize(size));
        int top = fixture.keys().require("top").asInt();
        int left = fixture.keys().require("left").asInt();
        RgbImage image = image(fixture.in("image"));
        checkImage("resized", Crop.shorterSideTo(image, first), fixture, out);
        RgbImage crop = Crop.window(image, size, first, top, left);
        checkImage("crop", crop, fixture, out);
        out.check("tensor", unit(crop), 3, size, size);
    }

    private static void torchResize(FixtureCase fixture, Checker out) {
        JsonNode size = fixture.keys().require("size");
        int height = size.get(0).asInt();
        int width = size.get(1).asInt();
        NDArray image = fixture.inputs().values().iterator().next();
        for (boolean antialias : new boolean[] {false, true}) {
            String suffix = antialias ? "_aa1" : "_aa0";
            out.check("bilinear" + suffix, ImageKernels.bilinear(image, height, width, antialias));
            out.check("bicubic" + suffix, ImageKernels.bicubic(image, height, width, antialias));
        }
    }

    private static void toBytes(FixtureCase fixture, Checker out) {
        NDArray image = fixture.inputs().values().iterator().next();
        NDArray levels = ConvKernels.levels(image, DataType.FLOAT32);
        out.check("bytes", levels.transpose(0, 2, 3, 1));
    }

    /** Grey {@code (H, W)} repeated, a fourth channel dropped. */
    private static RgbImage image(NDArray bytes) {
        int height = (int) bytes.getShape().get(0);
        int width = (int) bytes.getShape().get(1);
        int channels =
                bytes.getShape().dimension() == 2 ? 1 : (int) bytes.getShape().get(2);
        byte[] in = bytes.toByteArray();
        byte[] rgb = new byte[height * width * RgbImage.CHANNELS];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = in[i / RgbImage.CHANNELS * channels + (channels == 1 ? 0 : i % RgbImage.CHANNELS)];
        }
        return RgbImage.of(width, height, rgb);
    }

    private static void checkImage(String name, RgbImage image, FixtureCase fixture, Checker out) {
        int[] levels = levels(image);
        Shape shape = new Shape(image.height(), image.width(), RgbImage.CHANNELS);
        out.check(name, fixture.manager().create(levels, shape));
        if (!Arrays.equals(
                levels, fixture.out(name).toType(DataType.INT32, true).toIntArray())) {
            out.fail(name + ": expected exact levels although the tolerance is one, got others");
        }
    }

    private static int[] levels(RgbImage image) {
        byte[] bytes = image.toBytes();
        int[] levels = new int[bytes.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = bytes[i] & 0xFF;
        }
        return levels;
    }

    /** Values in [0, 1], channels first. */
    private static float[] unit(RgbImage image) {
        int[] levels = levels(image);
        int plane = levels.length / RgbImage.CHANNELS;
        float[] values = new float[levels.length];
        for (int i = 0; i < levels.length; i++) {
            values[i % RgbImage.CHANNELS * plane + i / RgbImage.CHANNELS] = levels[i] / 255f;
        }
        return values;
    }
}
