// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.encoders.critic.Lpips;
import ai.dsr.encoders.critic.Vgg16Features;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.ParameterRecipe;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Golden cases of the op {@code lpips} of {@code stage1.loss}. */
final class LpipsCase {
    private LpipsCase() {}

    static void run(FixtureCase fixture, Checker out) {
        fixture.keys().ignore("vgg_names", "batch");
        String source = fixture.keys().require("vgg").asText();
        if (!source.equals("recipe")) {
            throw new IllegalArgumentException("vgg: expected recipe, got " + source);
        }
        try (NDManager weights = fixture.manager().newSubManager()) {
            Lpips lpips = Lpips.of(recipe(), heads(fixture), weights);
            weights.cap();
            NDArray target = fixture.in("target");
            target.setRequiresGradient(true);
            try (Autograd tape = Autograd.record()) {
                NDArray layers = lpips.layers(fixture.in("input"), target);
                NDArray perImage = layers.sum(new int[] {1});
                NDArray loss = perImage.mean();
                out.check("layers", layers);
                out.check("per_image", perImage.reshape(-1, 1, 1, 1));
                out.check("loss", loss);
                if (!fixture.gradNames().isEmpty()) {
                    out.checkGrad(
                            "in.target",
                            tape.gradients(loss, new NDList(target)).get(0));
                }
            }
            List<NDArray> features = lpips.features(fixture.in("input"));
            out.check("relu1_2_mean", channelMeans(features.get(0)));
            out.check("relu5_3_mean", channelMeans(features.get(features.size() - 1)));
        }
    }

    private static NDArray channelMeans(NDArray x) {
        return x.transpose(1, 0, 2, 3).reshape(x.getShape().get(1), -1).mean(new int[] {1});
    }

    private static StateDict heads(FixtureCase fixture) {
        Map<String, TensorData> heads = new LinkedHashMap<>();
        fixture.params().forEach((name, array) -> heads.put(name, TensorData.of(array)));
        return StateDict.of("lin", heads);
    }

    /** VGG-16 with the values that its names and shapes give it; also what the cases of whole steps use. */
    static StateDict recipe() {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        new Vgg16Features()
                .shapes()
                .forEach((name, shape) -> tensors.put(
                        name, TensorData.of(ParameterRecipe.values(name, shape.getShape()), shape.getShape())));
        return StateDict.of("recipe", tensors);
    }
}
