// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.nn.Layer;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.train.loop.Adversary;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.util.function.BiConsumer;

/** Training of the heads of a discriminator against the decoder as it is, on latents without noise. */
public final class DiscriminatorTask implements Adversary {
    private final RAE rae;
    private final DecoderInputs inputs;
    private final AdversarialLoss loss;
    private final Turns turns;

    /**
     * How a discriminator trains.
     *
     * @param training its optimiser; batches are the decoder's
     * @param schedule its learning rate over its own updates
     */
    public record Turns(TrainingConfig training, LrSchedule schedule) {}

    DiscriminatorTask(RAE rae, DecoderInputs inputs, AdversarialLoss loss, Turns turns) {
        this.rae = rae;
        this.inputs = inputs;
        this.loss = loss;
        this.turns = turns;
    }

    @Override
    public Layer model() {
        return loss.discriminator().heads();
    }

    @Override
    public int updates(long step) {
        return loss.config().trainsDiscriminator(step, loss.stepsPerEpoch())
                ? loss.config().discUpdates()
                : 0;
    }

    @Override
    public TrainingConfig training() {
        return turns.training;
    }

    @Override
    public LrSchedule schedule() {
        return turns.schedule;
    }

    @Override
    public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
        NDArray images = inputs.images(step, batch);
        NDArray latents = inputs.latents(step, batch);
        tap.accept("input.images", images);
        tap.accept("input.latents", latents);
        NDArray decoded = Autograd.constant(() -> rae.decode(latents));
        tap.accept("reconstruction", decoded);
        return loss.discriminator(
                decoded,
                images,
                inputs.augmentation(batch, DecoderInputs.Augmented.FAKE),
                inputs.augmentation(batch, DecoderInputs.Augmented.REAL),
                tap);
    }

    @Override
    public String sampleName(int sample) {
        return inputs.name(sample);
    }
}
