// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.sample.images.Images;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Looks at a denoiser block by block at some noise levels: latents of real images, noised as in training, one forward call
 * each.
 */
public final class DenoiserInspection {
    /** Noise levels that show the range: nearly data, the middle, nearly noise. */
    public static final List<Double> USUAL_LEVELS = List.of(0.1, 0.3, 0.5, 0.7, 0.9);

    private static final int CHUNK = 8;

    private final InspectedDenoiser subject;
    private final InspectedImages images;
    private final List<Double> levels;
    private final OutlierRule rule;
    private final List<DenoiserProbe> probes = new ArrayList<>();

    /**
     * An inspection to run.
     *
     * @param levels times t, 0 for data to 1 for noise
     * @throws IllegalArgumentException if there is no level, or one that is none
     */
    public DenoiserInspection(
            InspectedDenoiser subject, InspectedImages images, List<Double> levels, OutlierRule rule) {
        if (levels.isEmpty() || levels.stream().anyMatch(t -> !(t >= 0 && t <= 1))) {
            throw new IllegalArgumentException("--levels: expected times from 0 (data) to 1 (noise), got " + levels);
        }
        this.subject = subject;
        this.images = images;
        this.levels = List.copyOf(levels);
        this.rule = rule;
        levels.forEach(t -> probes.add(new DenoiserProbe(subject.model(), rule)));
    }

    /**
     * Measures; the noise of an image is decided by its number.
     *
     * @param manager parent of the managers that the work is done in
     */
    public DenoiserFindings run(NDManager manager, Progress.Factory progress) {
        try (Progress shown = progress.start("Measuring", images.count())) {
            for (int from = 0; from < images.count(); from += CHUNK) {
                int to = Math.min(from + CHUNK, images.count());
                try (NDManager scope = manager.newSubManager()) {
                    measure(scope, from, to);
                }
                shown.step(to - from);
            }
        }
        List<DenoiserFindings.Level> found = IntStream.range(0, levels.size())
                .mapToObj(i ->
                        new DenoiserFindings.Level(levels.get(i), profile(i).statistics()))
                .toList();
        return new DenoiserFindings(
                DenoiserFindings.FORMAT,
                subject.model().getClass().getSimpleName(),
                subject.source(),
                subject.sha256(),
                images.source(),
                images.count(),
                subject.imageSize(),
                subject.hasClassesOf(images) ? DenoiserFindings.CLASSES : DenoiserFindings.NOTHING,
                profile(0).height(),
                probes.get(0).registers(),
                rule,
                found);
    }

    private void measure(NDManager scope, int from, int to) {
        List<RgbImage> pictures =
                IntStream.range(from, to).mapToObj(images::image).toList();
        NDArray latents = subject.codec().toLatents(Images.toTensor(scope, pictures));
        NDArray noise = noise(scope, latents.getShape(), from);
        NDArray y = subject.conditions(images, from, to, scope);
        for (int i = 0; i < levels.size(); i++) {
            NDArray t = scope.full(new Shape(to - from), levels.get(i).floatValue(), DataType.FLOAT32);
            probes.get(i).add(subject.transport().sample(latents, noise, t).x(), t, y);
        }
    }

    private static NDArray noise(NDManager scope, Shape shape, int from) {
        int each = Math.toIntExact(shape.size() / shape.get(0));
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < shape.get(0); i++) {
            SeedTree.of(0).child("inspect").at(from + i).stream().fillNormal(values, i * each, each);
        }
        return EngineArray.of(scope, values, shape);
    }

    private TokenProfile profile(int level) {
        return probes.get(level).profile();
    }

    /**
     * Writes the two files of what {@link #run} returned; they are named as an encoder's.
     *
     * @param command how to get them again
     */
    public void write(Path folder, DenoiserFindings found, String command) {
        Json.write(folder.resolve(EncoderInspection.JSON), found);
        new DenoiserReport(
                        found,
                        IntStream.range(0, levels.size())
                                .mapToObj(this::profile)
                                .toList())
                .page(images, command)
                .write(folder.resolve(EncoderInspection.PAGE));
    }
}
