// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.transport.PathSample;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.TrainTask;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/** The trainer's own step on latents that stay the same: data prediction on the linear path, all of one condition. */
final class BenchTask implements TrainTask {
    private final DiffusionTransformer model;
    private final NDArray latents;
    private final Transport transport = new Transport(TransportConfig.of(PathType.LINEAR, Prediction.DATA));

    /** A task on latents {@code (B, C, H, W)} that {@code owner} holds. */
    BenchTask(DiffusionTransformer model, NDManager owner, int batch) {
        this.model = model;
        Shape shape = new Shape(batch).addAll(model.latentShape());
        float[] values = SeedTree.of(0).child("latents").stream().normals(Math.toIntExact(shape.size()));
        latents = EngineArray.of(owner, values, shape);
    }

    @Override
    public DiffusionTransformer model() {
        return model;
    }

    @Override
    public int sampleCount() {
        return Math.toIntExact(latents.getShape().get(0));
    }

    /** The data, {@code (B, C, H, W)}. */
    NDArray latents() {
        return latents;
    }

    /** The noise of a step, {@code (B, C, H, W)}. */
    NDArray noise(NDManager step, long number) {
        float[] noise = SeedTree.of(number).child("noise").stream().normals(Math.toIntExact(latents.size()));
        return EngineArray.of(step, noise, latents.getShape());
    }

    /** The times {@code (B)} that go with some noise. */
    NDArray times(NDArray x0) {
        return transport.trainTimes(x0.get(":, 0, 0, 0").abs().clip(0.01, 0.9));
    }

    @Override
    public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
        NDArray x0 = noise(step, batch.step());
        NDArray x1 = TensorScope.view(latents, step);
        NDArray t = times(x0);
        NDArray y = condition(step);
        PathSample at = transport.sample(x1, x0, t);
        return transport.loss(model.forward(at.x(), t, y), x1, x0, t).total();
    }

    /** Class 0, or rows that say nothing. */
    private NDArray condition(NDManager step) {
        return model instanceof TextDiT text
                ? text.conditioning()
                        .none(step, new Shape(sampleCount(), 1, text.config().zChannels()))
                : EngineArray.of(step, new long[sampleCount()]);
    }

    @Override
    public void preview(Path file) {
        throw new UnsupportedOperationException("a bench has no pictures");
    }
}
