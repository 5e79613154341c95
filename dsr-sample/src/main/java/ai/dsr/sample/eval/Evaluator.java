// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.random.NumpyRandom;
import ai.dsr.core.run.Progress;
import ai.dsr.core.stats.FeatureKernel;
import ai.dsr.core.stats.FeatureRows;
import ai.dsr.core.stats.FrechetDistance;
import ai.dsr.core.stats.Gaussian;
import ai.dsr.core.stats.InceptionScore;
import ai.dsr.core.stats.KernelDistance;
import ai.dsr.core.stats.PrecisionRecall;
import ai.dsr.sample.config.EvaluationConfig;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.config.Metric;
import ai.dsr.sample.images.ImageSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Computes figures of samples against a reference: the one path that the command, training and tests take.
 *
 * <p>Memory does not grow with the number of images but for some bytes each; features go through a {@link FeatureCache},
 * so that a killed evaluation goes on where it stopped. Not safe for use by several threads.
 */
public final class Evaluator {
    /** Fewer images than this make Fréchet distances too high; the figure is that of FID's authors (Heusel et al.). */
    static final int ENOUGH_IMAGES = 10_000;

    private static final int LEAST_FOR_BIAS = 4; // two halves of two images

    private final EvaluationNetworks networks;
    private final EvaluationSettings settings;
    private final Path cache;
    private final NDManager manager;
    private final Progress.Factory progress;

    /**
     * An evaluator.
     *
     * @param cache folder of the features
     * @param manager under which images are computed
     * @param progress shows the work, such as {@code Progress::start}
     */
    public Evaluator(
            EvaluationNetworks networks,
            EvaluationSettings settings,
            Path cache,
            NDManager manager,
            Progress.Factory progress) {
        this.networks = networks;
        this.settings = settings;
        this.cache = cache;
        this.manager = manager;
        this.progress = progress;
    }

    /** The evaluator of a configuration's section {@code eval}; {@code manager} owns the networks. */
    public static Evaluator of(EvaluationConfig config, Experiment experiment, NDManager manager) {
        Path inception = config.inception() == null ? null : experiment.resolve(config.inception());
        return new Evaluator(
                EvaluationNetworks.load(
                        config.parsedMetrics(),
                        inception,
                        experiment.resolve(config.encoder()),
                        config.encoderSize(),
                        manager),
                EvaluationSettings.DEFAULT,
                experiment.data().cache(),
                manager,
                (task, total) -> Progress.silent());
    }

    /**
     * Fails unless the networks and the reference suffice for all metrics; nothing has been computed then.
     *
     * @throws IllegalArgumentException naming the metric and what is missing
     */
    public void require(Reference reference, Set<Metric> metrics) {
        for (Metric metric : metrics) {
            networks.require(metric);
            if (metric != Metric.IS) {
                reference.require(metric, networks.of(metric));
            }
        }
    }

    /**
     * Computes the figures.
     *
     * @throws IllegalArgumentException if something is missing, see {@link #require}, or does not fit
     */
    public EvaluationReport evaluate(ImageSource samples, Reference reference, Set<Metric> metrics) {
        require(reference, metrics);
        try (Run run = new Run(samples, reference)) {
            List<MetricValue> values = new ArrayList<>();
            for (Metric metric : metrics) {
                if (!metric.isPaired()) {
                    run.add(metric, values);
                }
            }
            run.addPaired(metrics, values);
            return new EvaluationReport(
                    EvaluationReport.FORMAT,
                    samples.name(),
                    samples.origin(),
                    reference.name(),
                    "features float32, statistics float64, distances of precision and recall "
                            + settings.distance().label(),
                    manager.getDevice().toString(),
                    values,
                    run.warnings);
        }
    }

    /** The statistics of a source for a reference file: those of every network at hand, by part. */
    public Map<String, Gaussian> statistics(ImageSource source) {
        Map<String, Gaussian> statistics = new TreeMap<>();
        try (Run run = new Run(source, Reference.of(source))) {
            if (networks.inception() != null) {
                FeatureSet set = run.features(source, networks.inception());
                for (String part : List.of(InceptionFeatures.POOL3, InceptionFeatures.SPATIAL)) {
                    statistics.put(part, Gaussian.of(set.sorted(part)));
                }
            }
            if (networks.encoder() != null) {
                FeatureSet set = run.features(source, networks.encoder());
                statistics.put(EncoderFeatures.CLASS_TOKEN, Gaussian.of(set.sorted(EncoderFeatures.CLASS_TOKEN)));
            }
        }
        return statistics;
    }

    /** The specs of the networks at hand. */
    public List<FeatureSpec> specs() {
        List<FeatureSpec> specs = new ArrayList<>();
        if (networks.inception() != null) {
            specs.add(networks.inception().spec());
        }
        if (networks.encoder() != null) {
            specs.add(networks.encoder().spec());
        }
        return specs;
    }

    /** One evaluation: what has been computed so far. */
    private final class Run implements AutoCloseable {
        private final ImageSource samples;
        private final Reference reference;
        private final Map<FeatureNetwork, FeatureCache> caches = new HashMap<>();
        private final Map<FeatureNetwork, FeatureSet> sampleFeatures = new HashMap<>();
        private final Map<FeatureNetwork, FeatureSet> referenceFeatures = new HashMap<>();
        private final List<String> warnings = new ArrayList<>();

        Run(ImageSource samples, Reference reference) {
            this.samples = samples;
            this.reference = reference;
        }

        FeatureSet features(ImageSource source, FeatureNetwork network) {
            Map<FeatureNetwork, FeatureSet> done = source == samples ? sampleFeatures : referenceFeatures;
            return done.computeIfAbsent(network, key -> {
                FeatureCache open = caches.computeIfAbsent(key, net -> FeatureCache.open(cache, net.spec()));
                try (Progress shown = progress.start(key.spec().network() + " features", source.count())) {
                    return FeatureSet.extract(source, key, open, manager, shown);
                }
            });
        }

        void add(Metric metric, List<MetricValue> values) {
            switch (metric) {
                case FID, SFID, FD_DINOV2 -> values.add(frechet(metric, EvaluationNetworks.partOf(metric)));
                case IS -> values.add(inceptionScore());
                case PR -> precisionRecall(values);
                case KID -> values.add(kernelDistance());
                default -> throw new IllegalArgumentException(metric.label() + ": expected a measure of sets");
            }
        }

        private MetricValue frechet(Metric metric, String part) {
            FeatureNetwork network = networks.of(metric);
            FeatureSet set = features(samples, network);
            Gaussian given = reference.statistics().get(part);
            FeatureSet compared = given == null ? features(reference.images(), network) : null;
            Gaussian other = given == null ? Gaussian.of(compared.sorted(part)) : given;
            double distance = FrechetDistance.between(Gaussian.of(set.sorted(part)), other)
                    .distance();
            Integer count = reference.count(part);
            MetricValue value = MetricValue.of(
                    metric.label(), distance, set.count(), count, spec(metric.label(), network.spec(), part));
            int least = Math.min(set.count(), compared == null ? Integer.MAX_VALUE : compared.count());
            if (least >= ENOUGH_IMAGES || least < LEAST_FOR_BIAS) {
                return value;
            }
            // FD of N images is FD of infinitely many plus about c / N, so half of them add the bias once more.
            Gaussian half = compared == null ? other : Gaussian.of(compared.half(part));
            double ofHalves =
                    FrechetDistance.between(Gaussian.of(set.half(part)), half).distance();
            if (!(ofHalves > distance)) {
                return value;
            }
            warnings.add(String.format(
                    Locale.ROOT,
                    "%s of %d images is too high, by about %.4g: so much does it rise with half of the images"
                            + " (the bias is about c / N: Chong and Forsyth, 2020); compare equal numbers only",
                    metric.label(),
                    least,
                    ofHalves - distance));
            return value.withExpectedBias(ofHalves - distance);
        }

        private MetricValue inceptionScore() {
            FeatureSet set = features(samples, networks.inception());
            FeatureRows logits = set.inOrder(InceptionFeatures.LOGITS);
            InceptionScore score = settings.isFidelity()
                    ? InceptionScore.torchFidelity(
                            logits,
                            InceptionScore.FIDELITY_SPLITS,
                            new NumpyRandom(InceptionScore.FIDELITY_SEED).permutation(set.count()))
                    : InceptionScore.adm(InceptionScore.softmax(logits), InceptionScore.ADM_SPLIT_SIZE);
            if (set.count() < InceptionScore.ADM_SPLIT_SIZE) {
                warnings.add("is of " + set.count() + " images is too low: it grows with their number up to "
                        + InceptionScore.ADM_SPLIT_SIZE + " a split; compare equal numbers only");
            }
            Map<String, Object> spec =
                    spec(Metric.IS.label(), networks.inception().spec(), InceptionFeatures.LOGITS);
            spec.remove("reference_transform");
            spec.put("splits", settings.splits());
            return MetricValue.of(Metric.IS.label(), score.mean(), set.count(), null, spec)
                    .withStd(score.std());
        }

        private void precisionRecall(List<MetricValue> values) {
            FeatureNetwork network = networks.of(Metric.PR);
            String part = firstPart(network);
            FeatureSet set = features(samples, network);
            FeatureSet compared = features(reference.requireImages(Metric.PR), network);
            PrecisionRecall result = PrecisionRecall.of(
                    compared.sorted(part), set.sorted(part), settings.neighbours(), settings.distance());
            Map<String, Object> spec = spec(Metric.PR.label(), network.spec(), part);
            spec.put("nhood_size", settings.neighbours());
            spec.put("distance_dtype", settings.distance().label());
            values.add(MetricValue.of("precision", result.precision(), set.count(), compared.count(), spec));
            values.add(MetricValue.of("recall", result.recall(), set.count(), compared.count(), spec));
        }

        private MetricValue kernelDistance() {
            FeatureNetwork network = networks.of(Metric.KID);
            String part = firstPart(network);
            FeatureSet set = features(samples, network);
            FeatureSet compared = features(reference.requireImages(Metric.KID), network);
            int size = settings.kidSubsetSize();
            KernelDistance distance = KernelDistance.of(
                    set.sorted(part),
                    compared.sorted(part),
                    FeatureKernel.Polynomial.cubic(network.spec().width(part)),
                    KernelDistance.Subsets.draw(
                            set.count(), compared.count(), settings.kidSubsets(), size, KernelDistance.SEED));
            Map<String, Object> spec = spec(Metric.KID.label(), network.spec(), part);
            spec.put("subsets", settings.kidSubsets() + " of " + size + ", seed " + KernelDistance.SEED);
            spec.put("kernel", "cubic polynomial");
            return MetricValue.of(Metric.KID.label(), distance.mean(), set.count(), compared.count(), spec)
                    .withStd(distance.std());
        }

        void addPaired(Set<Metric> metrics, List<MetricValue> values) {
            if (metrics.stream().noneMatch(Metric::isPaired)) {
                return;
            }
            try (Progress shown = progress.start("Comparing pairs", samples.count())) {
                ImageSource originals = reference.images();
                PairedQuality.of(samples, originals, metrics, manager, shown)
                        .forEach((metric, value) -> values.add(MetricValue.of(
                                metric.label(), value, samples.count(), originals.count(), spec(metric.label()))));
            }
        }

        private String firstPart(FeatureNetwork network) {
            return network.spec().parts().get(0).name();
        }

        private Map<String, Object> spec(String metric) {
            Map<String, Object> spec = new TreeMap<>();
            spec.put("metric", metric);
            spec.put("sample_transform", samples.origin().transform());
            spec.put("sample_bytes", samples.origin().bytes());
            spec.put("labels", samples.origin().labels());
            spec.put("reference_transform", reference.transform());
            return spec;
        }

        private Map<String, Object> spec(String metric, FeatureSpec features, String part) {
            Map<String, Object> spec = spec(metric);
            spec.put("network", features.network());
            spec.put("network_sha256", features.weightsSha256());
            spec.put("features", part);
            spec.put("resize", features.resize());
            spec.put("input_size", features.inputSize());
            spec.put("normalization", features.normalization());
            return spec;
        }

        @Override
        public void close() {
            caches.values().forEach(FeatureCache::close);
        }
    }

    /**
     * Fails if the first sample and the reference's images differ in size, as figures of different sizes mean little.
     *
     * @throws IllegalArgumentException naming both sizes
     */
    public static void requireEqualSizes(ImageSource samples, Reference reference) {
        Integer side = reference.about() == null ? null : reference.about().imageSize();
        RgbImage sample = first(samples);
        RgbImage original = reference.images() == null ? null : first(reference.images());
        int width = original != null ? original.width() : side == null ? sample.width() : side;
        int height = original != null ? original.height() : side == null ? sample.height() : side;
        if (width != sample.width() || height != sample.height()) {
            throw new IllegalArgumentException(reference.name() + ": expected images of the samples' size ("
                    + sample.width() + "x" + sample.height() + "), got " + width + "x" + height
                    + "; give --image-size, or --force to compare all the same");
        }
    }

    /** The first image of a source. */
    public static RgbImage first(ImageSource source) {
        try (ImageSource.Cursor cursor = source.open()) {
            return cursor.next();
        }
    }
}
