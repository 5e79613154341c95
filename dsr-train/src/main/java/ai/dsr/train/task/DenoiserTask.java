// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.nn.Layer;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.transport.TokenWeighting;
import ai.dsr.dit.transport.Transport;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.TrainTask;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Training of a class-conditional denoiser by flow matching (Lipman et al., 2023; Ma et al., 2024).
 *
 * <p>Each sample gets noise, a time and, with the model's dropout probability, the null class; the model predicts from
 * the state between latent and noise, and the transport turns that into a loss.
 */
public final class DenoiserTask implements TrainTask {
    private static final Transport.Tokens ALL_ALIKE = new Transport.Tokens(null, TokenWeighting.OFF);

    private final DiffusionTransformer model;
    private final Transport transport;
    private final LatentData data;
    private final long seed;
    private final Consumer<Path> preview;

    /**
     * A task on encoded data.
     *
     * @param seed of all draws
     * @param preview writes a picture of samples
     */
    public DenoiserTask(
            DiffusionTransformer model, Transport transport, LatentData data, long seed, Consumer<Path> preview) {
        this.model = model;
        this.transport = transport;
        this.data = data;
        this.seed = seed;
        this.preview = preview;
    }

    @Override
    public Layer model() {
        return model;
    }

    @Override
    public int sampleCount() {
        return data.size();
    }

    @Override
    public NDArray loss(NDManager step, Batch batch) {
        return trace(step, batch, (name, value) -> {});
    }

    @Override
    public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
        Draws draws = new Draws(seed, batch);
        int[] samples = data.withMirrors(batch.samples(), draws.uniform("flip"));
        NDArray x1 = data.latents(step, samples); // (B, C, H, W)
        NDArray x0 = draws.normal("noise", step, x1.getShape().slice(1));
        NDArray t = transport.trainTimes(step.create(draws.uniform("time"), new Shape(batch.size())));
        NDArray y = model.conditioning().drop(step.create(data.labels(samples)), draws.uniform("label"));
        tap.accept("input.x1", x1);
        tap.accept("input.x0", x0);
        tap.accept("input.t", t);
        tap.accept("input.y", y);
        return new DenoiserLoss(model, transport).apply(x1, x0, t, y, ALL_ALIKE, tap::accept);
    }

    @Override
    public String sampleName(int sample) {
        return data.name(sample);
    }

    @Override
    public void preview(Path file) {
        preview.accept(file);
    }
}
