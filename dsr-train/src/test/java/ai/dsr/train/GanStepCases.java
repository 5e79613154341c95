// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.encoders.critic.DinoBackbone;
import ai.dsr.encoders.critic.DinoDiscriminator;
import ai.dsr.encoders.critic.Lpips;
import ai.dsr.encoders.rae.LatentNoise;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainStep;
import ai.dsr.train.loss.DiffAugment;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.AdversarialLoss;
import ai.dsr.train.task.DecoderInputs;
import ai.dsr.train.task.DecoderTask;
import ai.dsr.train.task.DiscriminatorTask;
import ai.dsr.train.task.GanConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the golden cases of whole steps of adversarial decoder training, by the classes that train. */
final class GanStepCases {
    private final FixtureCase fixture;
    private final NDManager weights;
    private final StateDict params;
    private final TrainingConfig training;
    private final GanConfig gan;
    private final int stepsPerEpoch;

    private GanStepCases(FixtureCase fixture, NDManager weights) {
        this.fixture = fixture;
        this.weights = weights;
        ConfigKeys keys = fixture.keys();
        keys.ignore("stats_shape", "batch", "image_size");
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        fixture.params().forEach((name, array) -> tensors.put(name, TensorData.of(array)));
        params = StateDict.of(fixture.name(), tensors);
        training = Sections.training(keys.require("training").deepCopy());
        gan = Sections.bind(ganSection(keys), GanConfig.class);
        stepsPerEpoch = keys.require("steps_per_epoch").asInt();
    }

    /** The section as the library has it: the discriminator's image size is fixed. */
    private static ObjectNode ganSection(ConfigKeys keys) {
        ObjectNode section = keys.require("gan").deepCopy();
        if (section.at("/disc/arch") instanceof ObjectNode arch) {
            JsonNode side = arch.remove("img_size");
            if (side != null && side.asInt() != DinoBackbone.IMAGE_SIZE) {
                throw new IllegalArgumentException("img_size: expected " + DinoBackbone.IMAGE_SIZE + ", got " + side);
            }
        }
        return section;
    }

    static void steps(FixtureCase fixture, Checker out) {
        try (NDManager weights = fixture.manager().newSubManager()) {
            new GanStepCases(fixture, weights).run(out);
        }
    }

    private void run(Checker out) {
        RAE rae = rae(fixture.keys().object("rae"));
        DinoDiscriminator discriminator = new DinoDiscriminator(gan.disc().arch());
        discriminator.load(weights, params.under("disc.dino."));
        discriminator.heads().load(weights, params.under("disc.").without("dino."));
        TrainingConfig own = gan.disc().training(training);
        DecoderTask task = DecoderTask.adversarial(
                rae,
                new GivenInputs(fixture, rae),
                loss(discriminator),
                new DiscriminatorTask.Turns(own, LrSchedule.of(own, stepsPerEpoch)),
                file -> {});
        TrainState state = TrainState.of(weights, task, training);
        TrainStep step = new TrainStep(task, state, training, LrSchedule.of(training, stepsPerEpoch));
        int steps = fixture.keys().require("steps").asInt();
        for (int i = 0; i < steps; i++) {
            check(step.run(weights, new int[1]), out);
        }
        state.weightsByName().forEach((name, value) -> out.check("after.rae.decoder." + name, value));
        state.averageByName().forEach((name, value) -> out.check("ema.rae.decoder." + name, value));
        discriminator.heads().arrays().forEach((name, value) -> out.check("after.disc." + name, value));
    }

    private static void check(TrainStep.Result result, Checker out) {
        String at = "." + result.step();
        result.terms().forEach((name, value) -> out.check(name + at, value));
        out.check("total" + at, result.loss());
        out.check("grad_norm" + at, result.gradientNorm());
        out.check("lr" + at, result.learningRate());
        for (int i = 0; i < result.adversary().size(); i++) {
            TrainStep.Result update = result.adversary().get(i);
            String place = at + "." + i;
            update.terms().forEach((name, value) -> out.check(name + place, value));
            out.check("disc_loss" + place, update.loss());
            out.check("disc_lr" + place, update.learningRate());
        }
    }

    private AdversarialLoss loss(DinoDiscriminator discriminator) {
        Lpips perceptual =
                gan.loss().hasPerceptual() ? Lpips.of(LpipsCase.recipe(), params.under("lpips."), weights) : null;
        DiffAugment augment = gan.disc().augment();
        return new AdversarialLoss(
                gan.loss(),
                stepsPerEpoch,
                perceptual,
                gan.loss().hasDiscriminator() ? discriminator : null,
                augment == null ? DiffAugment.NONE : augment);
    }

    private RAE rae(ConfigKeys keys) {
        keys.ignore("training"); // always on in the decoder's step, off in the discriminator's
        PatchConv encoder = PatchConv.of(keys, weights, params.under("rae.encoder."));
        RAEConfig config = Sections.bind(raeSection(keys), RAEConfig.class);
        LatentNormalizer normalizer =
                LatentNormalizer.of(weights, tensor("latent_mean"), tensor("latent_var"), config.eps());
        ViTDecoder decoder = new ViTDecoder(RAE.decoderConfig(config, encoder, config.decoder()));
        decoder.load(weights, params.under("rae.decoder."));
        return new RAE(config, encoder, normalizer, decoder);
    }

    /** The section as the library has it: the encoder is given, and rates of dropout are informative. */
    private static ObjectNode raeSection(ConfigKeys keys) {
        ObjectNode section = keys.all().deepCopy();
        section.remove(List.of("encoder", "image_mean", "image_std", "training"));
        section.put("encoder_cls", "patch_conv").put("encoder_config_path", "");
        ObjectNode decoder = section.withObject("decoder");
        decoder.remove(List.of("hidden_dropout_prob", "attention_probs_dropout_prob"));
        return section;
    }

    private TensorData tensor(String name) {
        return fixture.hasIn(name) ? TensorData.of(fixture.in(name)) : null;
    }

    /** The images and draws of a case; batches are numbered by their steps. */
    private record GivenInputs(FixtureCase fixture, RAE rae) implements DecoderInputs {
        @Override
        public int size() {
            return 1;
        }

        @Override
        public String name(int sample) {
            return fixture.name();
        }

        @Override
        public NDArray images(NDManager step, Batch batch) {
            return in(step, "images." + batch.step());
        }

        @Override
        public NDArray latents(NDManager step, Batch batch) {
            return rae.encode(images(step, batch)).z();
        }

        @Override
        public NDArray noisyLatents(NDManager step, Batch batch) {
            String at = "." + batch.step();
            if (!fixture.hasIn("noise" + at)) {
                return latents(step, batch);
            }
            LatentNoise.Draws draws = new LatentNoise.Draws(in(step, "noise_u" + at), in(step, "noise" + at));
            return rae.encode(images(step, batch), draws).z();
        }

        @Override
        public DiffAugment.Draws augmentation(Batch batch, Augmented purpose) {
            String prefix =
                    switch (purpose) {
                        case GENERATOR -> batch.step() + ".aug_g.";
                        case FAKE -> batch.step() + "." + batch.update() + ".aug_fake.";
                        case REAL -> batch.step() + "." + batch.update() + ".aug_real.";
                    };
            return LossCases.draws(fixture, prefix);
        }

        private NDArray in(NDManager step, String name) {
            NDArray copy = fixture.in(name).duplicate();
            copy.attach(step);
            return copy;
        }
    }
}
