// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.dsr.core.kernel.AdversarialKernels;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.UnsupportedCaseException;
import ai.dsr.train.loss.AdaptiveWeight;
import ai.dsr.train.loss.DiffAugment;
import ai.dsr.train.loss.GanLoss;
import ai.dsr.train.loss.GanLossConfig;
import ai.dsr.train.loss.ReconstructionLoss;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Runs the golden cases of the decoder's losses. */
final class LossCases {
    private LossCases() {}

    static void run(FixtureCase fixture, Checker out) {
        String op = fixture.keys().require("op").asText();
        if (op.equals("lpips")) {
            LpipsCase.run(fixture, out);
            return;
        }
        try (Autograd tape = Autograd.record()) {
            switch (op) {
                case "l1" -> l1(fixture, tape, out);
                case "gan" -> gan(fixture, tape, out);
                case "adaptive_weight" -> adaptiveWeight(fixture, tape, out);
                case "diffaug" -> augment(fixture, tape, out);
                case "discretise" -> out.check("images", AdversarialKernels.discretise(fixture.in("images")));
                default -> throw new UnsupportedCaseException("op: expected a known loss, got " + op);
            }
        }
    }

    private static void l1(FixtureCase fixture, Autograd tape, Checker out) {
        NDArray recon = input(fixture, "recon");
        NDArray loss = new ReconstructionLoss(0).apply(recon, fixture.in("images"));
        out.check("loss", loss);
        out.checkGrad("in.recon", tape.gradients(loss, new NDList(recon)).get(0));
    }

    private static void gan(FixtureCase fixture, Autograd tape, Checker out) {
        ObjectNode section = fixture.keys().all().deepCopy();
        section.remove("op");
        GanLoss kind = Sections.bind(section, GanLossConfig.class).discLoss();
        NDArray real = input(fixture, "logits_real");
        NDArray fake = input(fixture, "logits_fake");
        NDArray loss = kind.discriminator(real, fake, GanLoss.Reduction.MEAN);
        out.check("disc_loss", loss);
        out.check("disc_loss_sum", kind.discriminator(real, fake, GanLoss.Reduction.SUM));
        out.check("gen_loss", GanLoss.generator(fake, GanLoss.Reduction.MEAN));
        out.check("gen_loss_sum", GanLoss.generator(fake, GanLoss.Reduction.SUM));
        out.check("accuracy", GanLoss.accuracy(real, fake));
        NDList gradients = tape.gradients(loss, new NDList(real, fake));
        out.checkGrad("in.logits_real", gradients.get(0));
        out.checkGrad("in.logits_fake", gradients.get(1));
    }

    private static void adaptiveWeight(FixtureCase fixture, Autograd tape, Checker out) {
        ConfigKeys keys = fixture.keys();
        double weight = keys.require("disc_weight").asDouble();
        NDArray layer = fixture.param("last_layer.weight");
        layer.setRequiresGradient(true);
        NDArray o = Kernels.linear(fixture.in("hidden"), layer, null);
        NDArray recon = o.sub(fixture.in("target")).abs().mean();
        NDArray gan = o.tanh().mul(fixture.in("coeff")).mean().neg();
        AdaptiveWeight balanced = AdaptiveWeight.of(
                AdaptiveWeight.Term.of(recon, o),
                AdaptiveWeight.Term.of(gan, o),
                o,
                layer,
                keys.require("max_d_weight").asDouble(),
                weight);
        out.check("recon_loss", recon);
        out.check("gan_loss", gan);
        out.check("adaptive_weight", balanced.weight());
        out.check("total", balanced.total());
        NDList gradients = tape.gradients(balanced.total(), new NDList(layer));
        out.checkGrad("last_layer.weight", gradients.get(0));
    }

    private static void augment(FixtureCase fixture, Autograd tape, Checker out) {
        ConfigKeys keys = fixture.keys();
        DiffAugment augment = new DiffAugment(
                keys.require("prob").asDouble(), keys.require("cutout").asDouble());
        NDArray images = input(fixture, "images");
        NDArray augmented = augment.apply(
                images,
                draws(fixture, ""),
                keys.optional("warmup_blur_schedule").asDouble(0));
        out.check("images", augmented);
        NDArray sum = augmented.mul(fixture.in("cotangent")).sum();
        out.checkGrad("in.images", tape.gradients(sum, new NDList(images)).get(0));
    }

    /** The draws of an augmentation whose inputs begin with {@code prefix}. */
    static DiffAugment.Draws draws(FixtureCase fixture, String prefix) {
        float[] gates =
                fixture.hasIn(prefix + "gates") ? fixture.in(prefix + "gates").toFloatArray() : new float[] {1, 1, 1};
        if (!fixture.hasIn(prefix + "rand01")) {
            return new DiffAugment.Draws(gates, null);
        }
        NDArray rows = fixture.in(prefix + "rand01");
        float[][] values = new float[DiffAugment.VALUES][];
        for (int i = 0; i < values.length; i++) {
            values[i] = rows.get(i).toFloatArray();
        }
        return new DiffAugment.Draws(gates, values);
    }

    private static NDArray input(FixtureCase fixture, String name) {
        NDArray array = fixture.in(name);
        array.setRequiresGradient(true);
        return array;
    }
}
