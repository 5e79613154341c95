// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.NpzFile;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.random.NumpyRandom;
import ai.dsr.core.stats.DistanceType;
import ai.dsr.core.stats.FeatureKernel;
import ai.dsr.core.stats.FeatureRows;
import ai.dsr.core.stats.FrechetDistance;
import ai.dsr.core.stats.Gaussian;
import ai.dsr.core.stats.InceptionScore;
import ai.dsr.core.stats.KernelDistance;
import ai.dsr.core.stats.PrecisionRecall;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.UnsupportedCaseException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Kinds {@code eval.*} that need no network: statistics of features and the files of evaluators. */
final class EvaluationCases {
    private static final Map<DataType, String> NUMPY_NAMES = Map.of(
            DataType.UINT8, "u1",
            DataType.INT8, "i1",
            DataType.INT16, "i2",
            DataType.INT32, "i4",
            DataType.INT64, "i8",
            DataType.FLOAT16, "f2",
            DataType.FLOAT32, "f4",
            DataType.FLOAT64, "f8",
            DataType.BOOLEAN, "b1");

    private EvaluationCases() {}

    // ---- eval.frechet ----

    static void frechet(FixtureCase fixture, Checker out) {
        fixture.keys().ignore("dim", "n1", "n2");
        String from = fixture.keys().require("from").asText();
        Gaussian a = gaussian(fixture, from, "1");
        Gaussian b = gaussian(fixture, from, "2");
        FrechetDistance plain = FrechetDistance.between(a, b);
        out.check("fd", plain.distance());
        out.check("mean_term", plain.meanTerm());
        out.check("trace_sqrt", plain.traceSqrt());
        double eps = fixture.keys().require("eps").asDouble();
        out.check("fd_offset", FrechetDistance.withOffset(a, b, eps).distance());
    }

    private static Gaussian gaussian(FixtureCase fixture, String from, String which) {
        return switch (from) {
            case "moments" ->
                new Gaussian(
                        fixture.in("mu" + which).toDoubleArray(),
                        fixture.in("sigma" + which).toDoubleArray());
            case "features" -> {
                NDArray features = fixture.in("features" + which);
                Shape shape = features.getShape();
                yield Gaussian.of(features.toFloatArray(), (int) shape.get(0), (int) shape.get(1));
            }
            default -> throw new UnsupportedCaseException("from: " + from);
        };
    }

    // ---- eval.inception_score ----

    static void inceptionScore(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("num_images", "num_classes");
        String mode = keys.require("mode").asText();
        InceptionScore score =
                switch (mode) {
                    case "adm" ->
                        InceptionScore.adm(
                                rows(fixture.in("probabilities")),
                                keys.optional("split_size").asInt(InceptionScore.ADM_SPLIT_SIZE));
                    case "torch_fidelity" -> {
                        int splits = keys.optional("isc_splits").asInt(InceptionScore.FIDELITY_SPLITS);
                        yield InceptionScore.torchFidelity(
                                rows(fixture.in("logits")), splits, permutation(fixture, out));
                    }
                    default -> throw new UnsupportedCaseException("mode: " + mode);
                };
        out.check("split_scores", score.splitScores());
        out.check("mean", score.mean());
        if (mode.equals("torch_fidelity")) {
            out.check("std", score.std());
        }
    }

    /** The stored one, which must also be what our copy of NumPy's generator draws. */
    private static int[] permutation(FixtureCase fixture, Checker out) {
        int seed = fixture.keys().optional("rng_seed").asInt(InceptionScore.FIDELITY_SEED);
        if (!fixture.keys().optional("samples_shuffle").asBoolean(true)) {
            return null;
        }
        int[] stored = toInts(fixture.in("permutation").toLongArray());
        if (!Arrays.equals(stored, new NumpyRandom(seed).permutation(stored.length))) {
            out.fail("permutation: expected the stored one from seed " + seed + ", got another");
        }
        return stored;
    }

    // ---- eval.precision_recall ----

    static void precisionRecall(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("n_reference", "n_samples", "dim");
        PrecisionRecall result = PrecisionRecall.of(
                rows(fixture.in("reference")),
                rows(fixture.in("samples")),
                keys.require("nhood_size").asInt(),
                DistanceType.of(keys.require("distance_dtype").asText()));
        out.check("precision", result.precision());
        out.check("recall", result.recall());
        out.check("radii_reference", result.radiiReference());
        out.check("radii_samples", result.radiiSamples());
        for (String name : new String[] {"precision", "recall"}) {
            double got = name.equals("precision") ? result.precision() : result.recall();
            if (got != fixture.out(name).toDoubleArray()[0]) {
                out.fail(name + ": expected exact equality, got " + got);
            }
        }
    }

    // ---- eval.kid ----

    static void kid(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("n1", "n2", "dim");
        FeatureRows x = rows(fixture.in("features1"));
        FeatureRows y = rows(fixture.in("features2"));
        KernelDistance.Subsets stored =
                new KernelDistance.Subsets(indices(fixture.in("subset1")), indices(fixture.in("subset2")));
        KernelDistance.Subsets drawn = KernelDistance.Subsets.draw(
                x.count(),
                y.count(),
                keys.optional("kid_subsets").asInt(KernelDistance.SUBSETS),
                keys.optional("kid_subset_size").asInt(KernelDistance.SUBSET_SIZE),
                keys.optional("rng_seed").asInt(KernelDistance.SEED));
        if (!Arrays.deepEquals(stored.first(), drawn.first()) || !Arrays.deepEquals(stored.second(), drawn.second())) {
            out.fail("subsets: expected the stored ones from the seed, got others");
        }
        KernelDistance result = KernelDistance.of(x, y, kernel(keys, x.width()), stored);
        out.check("mmd2", result.mmd2());
        out.check("mean", result.mean());
        out.check("std", result.std());
    }

    private static FeatureKernel kernel(ConfigKeys keys, int width) {
        String name = keys.optional("kid_kernel").asText("poly");
        int degree = keys.optional("kid_kernel_poly_degree").asInt(3);
        double gamma = keys.optional("kid_kernel_poly_gamma").asDouble(1.0 / width);
        double coef0 = keys.optional("kid_kernel_poly_coef0").asDouble(1);
        JsonNode sigma = keys.optional("kid_kernel_rbf_sigma");
        return switch (name) {
            case "poly" -> new FeatureKernel.Polynomial(degree, gamma, coef0);
            case "rbf" -> new FeatureKernel.Gaussian(sigma.asDouble());
            default -> throw new UnsupportedCaseException("kid_kernel: " + name);
        };
    }

    // ---- eval.npz ----

    static void npz(FixtureCase fixture, Checker out) {
        JsonNode files = fixture.keys().require("files");
        files.fieldNames().forEachRemaining(name -> {
            JsonNode file = files.get(name);
            Path path = fixture.folder().resolve(name);
            switch (file.get("expect").asText()) {
                case "ok" -> readable(fixture, out, path, file.get("arrays"));
                case "error" -> refused(out, path, file.get("read").asText());
                default -> throw new UnsupportedCaseException("expect: " + file.get("expect"));
            }
        });
    }

    private static void readable(FixtureCase fixture, Checker out, Path path, JsonNode arrays) {
        try (NpzFile npz = NpzFile.open(path)) {
            Map<String, String> expected = new TreeMap<>();
            Map<String, String> got = new TreeMap<>();
            arrays.fieldNames().forEachRemaining(name -> {
                JsonNode array = arrays.get(name);
                expected.put(name, array.get("dtype").asText() + array.get("shape"));
                TensorData data = npz.read(name);
                got.put(
                        name,
                        NUMPY_NAMES.get(data.type())
                                + Arrays.toString(data.shape()).replace(" ", ""));
                out.check(path.getFileName() + "/" + name, data.toArray(fixture.manager()));
            });
            if (!expected.equals(got) || !npz.names().equals(expected.keySet())) {
                out.fail(path.getFileName() + ": expected " + expected + ", got " + got + " of " + npz.names());
            }
        }
    }

    private static void refused(Checker out, Path path, String array) {
        try (NpzFile npz = NpzFile.open(path)) {
            npz.read(array);
            out.fail(path.getFileName() + ": expected to be refused, got its content");
        } catch (IllegalArgumentException e) {
            if (!e.getMessage().startsWith(path + ": ")
                    || e.getMessage().lines().count() != 1) {
                out.fail("expected one line that begins with the file, got " + e.getMessage());
            }
        }
    }

    // ---- conversions ----

    private static FeatureRows rows(NDArray features) {
        int width = (int) features.getShape().get(1);
        return FeatureRows.of(features.toType(DataType.FLOAT64, false).toDoubleArray(), width);
    }

    private static int[][] indices(NDArray subsets) {
        int size = (int) subsets.getShape().get(1);
        int[] all = toInts(subsets.toLongArray());
        int[][] rows = new int[all.length / size][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * size, (i + 1) * size);
        }
        return rows;
    }

    private static int[] toInts(long... values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }
}
