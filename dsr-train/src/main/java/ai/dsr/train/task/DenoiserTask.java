// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.text.TextToLatent;
import ai.dsr.dit.transport.Transport;
import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.sample.inspect.DenoiserProbe;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.data.TextData;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.TrainTask;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Training of a denoiser, by classes or captions, by flow matching (Lipman et al., 2023; Ma et al., 2024).
 *
 * <p>Each sample gets noise, a time and, with the model's dropout probability, the condition that says nothing; the model
 * predicts from the state between latent and noise, and the transport turns that into a loss.
 */
public final class DenoiserTask implements TrainTask {
    /** Few, because a look at each costs more than a forward call. */
    private static final int INSPECTED_SAMPLES = 4;

    /** Nearly data, the middle, nearly noise. */
    private static final float[] INSPECTED_LEVELS = {0.1f, 0.5f, 0.9f};

    private static final OutlierRule INSPECTED_RULE = OutlierRule.timesMedian(2);

    private final Layer trained;
    private final DiffusionTransformer denoiser;
    private final Conditions source;
    private final Transport transport;
    private final LatentData data;
    private final TokenLoss tokenLoss;
    private final long seed;
    private final Consumer<Path> preview;

    private DenoiserTask(
            Layer trained,
            DiffusionTransformer denoiser,
            Conditions source,
            Transport transport,
            LatentData data,
            TokenLoss tokenLoss,
            long seed,
            Consumer<Path> preview) {
        this.trained = trained;
        this.denoiser = denoiser;
        this.source = source;
        this.transport = transport;
        this.data = data;
        this.tokenLoss = tokenLoss;
        this.seed = seed;
        this.preview = preview;
    }

    /**
     * Training by classes.
     *
     * @param seed of all draws
     * @param preview writes a picture of samples
     */
    public static DenoiserTask ofClasses(
            DiffusionTransformer model, Transport transport, LatentData data, long seed, Consumer<Path> preview) {
        return new DenoiserTask(model, model, Conditions.labels(data), transport, data, TokenLoss.OFF, seed, preview);
    }

    /**
     * Training by captions, of the denoiser and its connector as one.
     *
     * @param text captions of the data set that {@code data} is from
     * @param seed of all draws
     * @param preview writes a picture of samples
     */
    public static DenoiserTask ofCaptions(
            TextToLatent model,
            Transport transport,
            LatentData data,
            TextData text,
            long seed,
            Consumer<Path> preview) {
        Conditions conditions = Conditions.captions(data, text, model);
        return new DenoiserTask(model, model.denoiser(), conditions, transport, data, TokenLoss.OFF, seed, preview);
    }

    /** The same task with tokens weighted in the loss. */
    public DenoiserTask withTokenLoss(TokenLoss weights) {
        return new DenoiserTask(trained, denoiser, source, transport, data, weights, seed, preview);
    }

    @Override
    public Layer model() {
        return trained;
    }

    @Override
    public int sampleCount() {
        return data.size();
    }

    @Override
    public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
        Draws draws = new Draws(seed, batch);
        int[] samples = data.withMirrors(batch.samples(), draws.uniform("flip"));
        NDArray x1 = data.latents(step, samples); // (B, C, H, W)
        NDArray x0 = draws.normal("noise", step, x1.getShape().slice(1));
        NDArray t = transport.trainTimes(EngineArray.of(step, draws.uniform("time")));
        NDArray conditions = source.of(step, batch.samples(), draws);
        NDArray y = denoiser.conditioning().drop(conditions, draws.uniform("label"));
        tap.accept("input.x1", x1);
        tap.accept("input.x0", x0);
        tap.accept("input.t", t);
        tap.accept("input.y", y);
        Transport.Tokens tokens = tokenLoss.tokens(data, step, samples);
        return new DenoiserLoss(denoiser, transport).apply(x1, x0, t, y, tokens, tap::accept);
    }

    @Override
    public String sampleName(int sample) {
        return data.name(sample);
    }

    /** The same few samples, noise and levels each time, so that figures of different steps can be compared. */
    @Override
    public Map<String, Object> inspect(NDManager scope) {
        int count = Math.min(INSPECTED_SAMPLES, data.size());
        int[] samples = IntStream.range(0, count)
                .map(i -> (int) ((long) i * data.size() / count))
                .toArray();
        Draws draws = new Draws(seed, new Batch(0, 0, samples));
        NDArray x1 = data.latents(scope, samples); // (B, C, H, W)
        NDArray x0 = draws.normal("noise", scope, x1.getShape().slice(1));
        NDArray y = source.of(scope, samples, draws);
        TokenFigures figures = new TokenFigures();
        for (float level : INSPECTED_LEVELS) {
            NDArray t = scope.full(new Shape(count), level, DataType.FLOAT32);
            DenoiserProbe probe = new DenoiserProbe(denoiser, INSPECTED_RULE);
            probe.add(transport.sample(x1, x0, t).x(), t, y);
            figures.add(level, probe.profile().statistics());
        }
        return figures.toMap();
    }

    @Override
    public void preview(Path file) {
        preview.accept(file);
    }
}
