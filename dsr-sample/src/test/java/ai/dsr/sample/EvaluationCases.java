// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.stats.FrechetDistance;
import ai.dsr.core.stats.Gaussian;
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.ImageFeatures;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.encoders.vit.ViTBackbone;
import ai.dsr.sample.eval.InceptionV3;
import ai.dsr.sample.images.ImageQuality;
import ai.dsr.sample.images.Images;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.ParameterRecipe;
import ai.dsr.testkit.UnsupportedCaseException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Kinds {@code eval.*} and {@code image.metrics} that need a network or the engine. */
final class EvaluationCases {
    private static final int FIRST_FEATURES = 8;
    private static final int FIRST_PATCH_MEANS = 2;

    private EvaluationCases() {}

    // ---- eval.to_uint8 ----

    static void toBytes(FixtureCase fixture, Checker out) {
        String type = fixture.keys().require("dtype").asText();
        DataType dataType =
                switch (type) {
                    case "float32" -> DataType.FLOAT32;
                    case "bfloat16" -> DataType.BFLOAT16;
                    default -> throw new UnsupportedCaseException("dtype: " + type);
                };
        out.check("images", Images.toBytes(fixture.in("images"), dataType));
    }

    // ---- eval.inception ----

    static void inception(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        requireText(keys, "parameters", "recipe");
        requireText(keys, "resize", "tensorflow1_bilinear");
        requireText(keys, "spatial_layer", "Mixed_6d.branch1x1");
        requireNumber(keys, "input_size", InceptionV3.INPUT_SIZE);
        requireNumber(keys, "num_classes", InceptionV3.CLASSES);
        requireNumber(keys, "spatial_channels", 7);
        requireNumber(keys, "bn_eps", 1e-3);
        float gain = (float) keys.optional("conv_weight_gain").asDouble(1.5);
        InceptionV3 network = InceptionV3.of(recipe(gain), fixture.manager());
        NDArray resized = InceptionV3.resize(fixture.in("images"));
        NDList rows = new NDList();
        for (JsonNode row : keys.require("resized_rows")) {
            rows.add(resized.get(new NDIndex()
                    .addAllDim()
                    .addAllDim()
                    .addSliceDim(row.asInt(), row.asInt() + 1)
                    .addAllDim()));
        }
        out.check("resized_rows", NDArrays.concat(rows, 2));
        InceptionV3.Output output = network.forward(resized);
        out.check("pool_64", output.pool64());
        out.check("pool_192", output.pool192());
        out.check("pool_768", output.pool768());
        out.check("pool3", output.pool3());
        out.check("spatial", output.spatial());
        out.check("logits_unbiased", output.unbiasedLogits());
        out.check("logits", output.logits());
        out.check("softmax_unbiased", output.unbiasedLogits().softmax(1));
    }

    private static StateDict recipe(float gain) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        new InceptionV3().shapes().forEach((name, shape) -> {
            float[] values = ParameterRecipe.values(name, shape.getShape());
            if (name.endsWith("conv.weight")) {
                for (int i = 0; i < values.length; i++) {
                    values[i] *= gain;
                }
            }
            tensors.put(name, TensorData.of(values, shape.getShape()));
        });
        return StateDict.of("recipe", tensors);
    }

    // ---- eval.fd_encoder ----

    static void encoderDistance(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        requireText(keys, "encoder", "dinov2-small");
        requireText(keys, "weights", "float16-rounded");
        requireText(keys, "token", "cls");
        requireText(keys, "upsample_mode", "nearest");
        int upsample = keys.require("upsample").asInt();
        requireNumber(
                keys,
                "image_size",
                (double) upsample * fixture.in("images1").getShape().get(2));
        PixelNorm norm = new PixelNorm(numbers(keys.require("mean")), numbers(keys.require("std")));
        Path folder = Path.of(System.getProperty("dsr.root", ".."), "models", "dinov2-small");
        ViTBackbone network = EncoderCatalog.open(folder, fixture.manager()).backbone();
        List<Gaussian> classTokens = new ArrayList<>();
        List<Gaussian> patchMeans = new ArrayList<>();
        for (String which : List.of("1", "2")) {
            NDArray images = repeat(fixture.in("images" + which).toType(DataType.FLOAT32, false), upsample);
            ImageFeatures features = ImageFeatures.of(network, norm.normalize(images.div(255f)));
            NDArray classToken = features.classToken();
            NDArray patchMean = features.patchMean();
            out.check("features" + which, classToken.get(":" + FIRST_FEATURES));
            out.check("patch_mean" + which, patchMean.get(":" + FIRST_PATCH_MEANS));
            classTokens.add(gaussian(classToken));
            patchMeans.add(gaussian(patchMean));
        }
        out.check(
                "fd",
                FrechetDistance.between(classTokens.get(0), classTokens.get(1)).distance());
        out.check(
                "fd_patch_mean",
                FrechetDistance.between(patchMeans.get(0), patchMeans.get(1)).distance());
    }

    /** Each pixel of {@code (N, 3, h, w)} repeated {@code factor} times along both axes. */
    private static NDArray repeat(NDArray images, int factor) {
        return images.repeat(2, factor).repeat(3, factor);
    }

    private static Gaussian gaussian(NDArray features) {
        Shape shape = features.getShape();
        return Gaussian.of(features.toFloatArray(), (int) shape.get(0), (int) shape.get(1));
    }

    private static List<Double> numbers(JsonNode node) {
        List<Double> numbers = new ArrayList<>();
        node.forEach(number -> numbers.add(number.asDouble()));
        return numbers;
    }

    // ---- image.metrics ----

    static void imageMetrics(FixtureCase fixture, Checker out) {
        requireNumber(fixture.keys(), "data_range", 1);
        int batch = fixture.keys().require("batch_size").asInt();
        int all = (int) fixture.in("ref").getShape().get(0);
        out.check("psnr", mean(batches(fixture, batch, ImageQuality::psnrEach)));
        out.check("ssim", mean(batches(fixture, batch, (a, b) -> ImageQuality.ssimEach(a, b, false))));
        out.check("psnr_per_image", batches(fixture, 1, ImageQuality::psnrEach));
        out.check("ssim_per_image", batches(fixture, 1, (a, b) -> ImageQuality.ssimEach(a, b, false)));
        out.check("ssim_cropped_per_image", batches(fixture, 1, (a, b) -> ImageQuality.ssimEach(a, b, true)));
        out.check("l1_per_image", batches(fixture, all, ImageQuality::l1Each));
    }

    /** Reconstructions and references in batches, whose range is guessed for each and each array alone. */
    private static double[] batches(FixtureCase fixture, int size, BiFunction<NDArray, NDArray, double[]> measure) {
        NDArray ref = fixture.in("ref");
        NDArray rec = fixture.in("rec");
        int n = (int) ref.getShape().get(0);
        double[] values = new double[n];
        for (int first = 0; first < n; first += size) {
            String range = first + ":" + Math.min(n, first + size) + ", ...";
            double[] some =
                    measure.apply(ImageQuality.guessRange(rec.get(range)), ImageQuality.guessRange(ref.get(range)));
            System.arraycopy(some, 0, values, first, some.length);
        }
        return values;
    }

    private static double mean(double... values) {
        return java.util.Arrays.stream(values).average().orElseThrow();
    }

    // ---- keys ----

    private static void requireText(ConfigKeys keys, String key, String expected) {
        String got = keys.optional(key).asText(expected);
        if (!got.equals(expected)) {
            throw new UnsupportedCaseException(key + ": " + got);
        }
    }

    private static void requireNumber(ConfigKeys keys, String key, double expected) {
        double got = keys.optional(key).asDouble(expected);
        if (got != expected) {
            throw new UnsupportedCaseException(key + ": " + got);
        }
    }
}
