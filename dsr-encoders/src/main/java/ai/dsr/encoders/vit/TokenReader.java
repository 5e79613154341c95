// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.tensor.TensorScope;
import java.util.function.UnaryOperator;

/** Runs a backbone and keeps nothing but the patch tokens. */
final class TokenReader {
    private TokenReader() {}

    /**
     * Runs the first {@code count} blocks on {@code pixels (B, 3, H, W)}.
     *
     * @param dropped tokens removed at the front
     * @param finish maps the remaining tokens {@code (B, P, D)} to the result
     */
    static EncoderOutput read(
            ViTBackbone backbone, NDArray pixels, int count, int dropped, UnaryOperator<NDArray> finish) {
        try (TensorScope scope = TensorScope.under(pixels.getManager())) {
            NDArray x = backbone.embed(pixels); // (B, T, D)
            x.attach(scope.manager());
            NDArray y = backbone.blocks().forward(x, count, MlpHook.NONE);
            NDArray patches = y.get(new NDIndex()
                    .addAllDim()
                    .addSliceDim(dropped, y.getShape().get(1))
                    .addAllDim());
            int patch = backbone.patchSize();
            return new EncoderOutput(
                    scope.keep(finish.apply(patches)),
                    null,
                    (int) pixels.getShape().get(2) / patch,
                    (int) pixels.getShape().get(3) / patch);
        }
    }
}
