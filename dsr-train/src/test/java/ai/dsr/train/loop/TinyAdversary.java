// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;

/**
 * The task of {@link TinyRun} with an adversary of four weights and a buffer that each look at a batch moves on: twice the
 * buffer so far plus one. Its loss depends on the samples, the draws of the update, the buffer and the model's weights.
 */
final class TinyAdversary implements Adversary {
    private static final int WIDTH = 4;

    private final TrainTask task;
    private final Critic critic = new Critic();
    private final TrainingConfig training;
    private final int updates;
    private final LongPredicate breaks;

    private static final class Critic extends Layer {
        private final Weight weight = weight("weight", Initializer.normal(1), WIDTH);
        private final Weight seen = buffer("seen", Initializer.zeros(), WIDTH);
    }

    private TinyAdversary(
            NDManager manager, TrainTask task, TrainingConfig training, int updates, LongPredicate breaks) {
        this.task = task;
        this.training = training;
        this.updates = updates;
        this.breaks = breaks;
        critic.initialize(manager, SeedTree.of(9));
    }

    /**
     * The tiny task with such an adversary from step 1 on.
     *
     * @param updates after each step
     * @param breaks steps after which the adversary's loss is not a number
     */
    static TrainTask task(NDManager manager, Path cache, TrainingConfig training, int updates, LongPredicate breaks) {
        TrainTask plain = TinyRun.task(manager, cache);
        Adversary adversary = new TinyAdversary(manager, plain, training, updates, breaks);
        return new TrainTask() {
            @Override
            public Layer model() {
                return plain.model();
            }

            @Override
            public int sampleCount() {
                return plain.sampleCount();
            }

            @Override
            public Adversary adversary() {
                return adversary;
            }

            @Override
            public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
                return plain.loss(step, batch);
            }

            @Override
            public void preview(Path file) {
                plain.preview(file);
            }
        };
    }

    @Override
    public Layer model() {
        return critic;
    }

    @Override
    public int updates(long step) {
        return step < 1 ? 0 : updates;
    }

    @Override
    public TrainingConfig training() {
        return training;
    }

    @Override
    public LrSchedule schedule() {
        return LrSchedule.of(training, 2);
    }

    @Override
    public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
        NDArray buffer = critic.seen.get();
        NDArray old = buffer.duplicate();
        old.attach(step);
        Autograd.constant(() -> buffer.addi(old).addi(1));
        NDArray seen = buffer.duplicate();
        seen.attach(step);
        float[] values = new float[batch.size() * WIDTH];
        for (int i = 0; i < batch.size(); i++) {
            SeedTree place = SeedTree.of(batch.samples()[i])
                    .at(batch.step())
                    .at(batch.update())
                    .at(batch.offset() + i);
            place.stream().fillNormal(values, i * WIDTH, WIDTH);
        }
        NDArray x = EngineArray.of(step, values, new Shape(batch.size(), WIDTH));
        tap.accept("input.x", x);
        NDArray model = task.model().weights().get("register_tokens").get().stopGradient();
        model.attach(step);
        NDArray loss =
                x.mul(critic.weight.get()).sub(seen).add(model.mean()).square().mean();
        tap.accept(Objective.TERM + "disc_accuracy", loss.stopGradient());
        return breaks.test(batch.step()) ? Kernels.scale(loss, Double.NaN) : loss;
    }
}
