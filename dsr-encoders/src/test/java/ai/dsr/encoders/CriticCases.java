// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Weight;
import ai.dsr.encoders.critic.DinoBackbone;
import ai.dsr.encoders.critic.DinoBackboneConfig;
import ai.dsr.encoders.critic.DinoDiscriminator;
import ai.dsr.encoders.critic.DinoDiscriminatorConfig;
import ai.dsr.encoders.critic.DinoDiscriminatorConfig.HeadNorm;
import ai.dsr.encoders.critic.RecipeWeights;
import ai.dsr.encoders.critic.WindowCrop;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/** Golden cases of the discriminator. */
final class CriticCases {
    private CriticCases() {}

    static void discriminator(FixtureCase fixture, Checker out) {
        try (NDManager weights = fixture.manager().newSubManager()) {
            DinoDiscriminator critic = load(fixture, weights);
            weights.cap();
            boolean training = mode(fixture.keys());
            NDArray fake = fixture.in("fake");
            try (Autograd tape = Autograd.record()) {
                boolean hasGradients = fixture.hasIn("cotangent");
                NDList trained = hasGradients ? critic.heads().requireGradients(weight -> true) : new NDList();
                fake.setRequiresGradient(hasGradients);
                NDArray onFake = critic.forward(fake, training);
                NDArray onReal = critic.forward(fixture.in("real"), training);
                out.check("logits_fake", onFake);
                out.check("logits_real", onReal);
                if (hasGradients) {
                    NDArray cotangent = fixture.in("cotangent");
                    NDArray flipped =
                            Kernels.scale(onReal.mul(cotangent.flip(0)).sum(), 0.5);
                    trained.add(fake);
                    gradients(
                            out,
                            critic,
                            tape.gradients(onFake.mul(cotangent).sum().add(flipped), trained));
                }
            }
            afterwards(fixture, out, critic);
        }
    }

    private static void gradients(Checker out, DinoDiscriminator critic, NDList gradients) {
        int i = 0;
        for (Map.Entry<String, Weight> entry : critic.heads().weights().entrySet()) {
            if (!entry.getValue().isBuffer()) {
                out.checkGrad(entry.getKey(), gradients.get(i++));
            }
        }
        out.checkGrad("in.fake", gradients.get(i));
    }

    private static void afterwards(FixtureCase fixture, Checker out, DinoDiscriminator critic) {
        Map<String, NDArray> heads = critic.heads().arrays();
        for (String name : fixture.outNames()) {
            if (name.startsWith("after.")) {
                long stored = fixture.out(name).size(); // of long ones only the beginning
                TensorData all = TensorData.of(heads.get(name.substring("after.".length())));
                NDArray array = all.toArray(fixture.manager());
                out.check(name, array.get(new NDIndex().addSliceDim(0, stored)));
            }
        }
        if (fixture.hasOut("activations_mean")) {
            NDList means = new NDList();
            critic.activations(fixture.in("fake"))
                    .forEach(a -> means.add(a.mean(new int[] {2}).mean(new int[] {0})));
            out.check("activations_mean", NDArrays.stack(means));
        }
    }

    private static DinoDiscriminator load(FixtureCase fixture, NDManager weights) {
        ConfigKeys keys = fixture.keys();
        DinoDiscriminator critic = new DinoDiscriminator(config(keys));
        if (keys.optional("params").asText("").equals("recipe")) {
            critic.load(weights, RecipeWeights.of(critic.backbone().shapes()));
            critic.heads().load(weights, RecipeWeights.of(critic.heads().shapes()));
        } else {
            StateDict state = Cases.state(fixture);
            critic.load(weights, state.under("dino."));
            critic.heads().load(weights, state.without("dino."));
        }
        return critic;
    }

    private static boolean mode(ConfigKeys keys) {
        String mode = keys.require("mode").asText();
        if (!mode.equals("train") && !mode.equals("eval")) {
            throw new IllegalArgumentException("mode: expected train or eval, got " + mode);
        }
        return mode.equals("train");
    }

    private static DinoDiscriminatorConfig config(ConfigKeys keys) {
        keys.ignore("batch");
        int side = keys.optional("img_size").asInt(DinoBackbone.IMAGE_SIZE);
        if (side != DinoBackbone.IMAGE_SIZE) {
            throw new IllegalArgumentException("img_size: expected " + DinoBackbone.IMAGE_SIZE + ", got " + side);
        }
        List<Integer> depths = new ArrayList<>();
        JsonNode given = keys.optional("key_depths");
        given.forEach(depth -> depths.add(depth.asInt()));
        return new DinoDiscriminatorConfig(
                null,
                keys.require("recipe").asText(),
                keys.isGiven("backbone") ? backbone(keys.object("backbone")) : null,
                keys.require("ks").asInt(),
                given.isArray() ? depths : List.of(2, 5, 8, 11),
                HeadNorm.valueOf(keys.require("norm_type").asText().toUpperCase(Locale.ROOT)),
                keys.require("using_spec_norm").asBoolean(),
                keys.optional("norm_eps").asDouble(1e-6));
    }

    private static DinoBackboneConfig backbone(ConfigKeys keys) {
        keys.ignore("key_depths", "norm_eps"); // those outside of this section count
        return new DinoBackboneConfig(
                keys.require("depth").asInt(),
                keys.require("embed_dim").asInt(),
                keys.require("num_heads").asInt(),
                keys.require("patch_size").asInt(),
                keys.optional("mlp_ratio").asDouble(4),
                keys.optional("in_chans").asInt(3),
                null,
                null);
    }

    static void windows(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        int size = keys.require("input_size").asInt();
        List<WindowCrop> windows = WindowCrop.catalogue(
                size,
                size,
                keys.require("crop").asInt(),
                keys.require("num_windows").asInt());
        long[] offsets = windows.stream()
                .flatMapToLong(window -> LongStream.of(window.top(), window.left()))
                .toArray();
        out.check("offsets", offsets, windows.size(), 2);
    }
}
