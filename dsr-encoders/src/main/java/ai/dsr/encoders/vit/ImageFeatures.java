// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.TensorScope;

/**
 * One vector an image: a network's plain output, as evaluation metrics use it. Unlike latents it has the final norm with
 * weight and bias.
 *
 * @param classToken the class token {@code (B, D)}, or null if the network has none
 * @param patchMean the mean of the patch tokens {@code (B, D)}
 */
public record ImageFeatures(NDArray classToken, NDArray patchMean) {
    /**
     * Runs a network on {@code pixels (B, 3, H, W)}, normalised; the result belongs to their manager.
     *
     * <p>Of DINOv2 the class token is the feature behind FD-DINOv2 (Stein et al., 2023).
     */
    public static ImageFeatures of(ViTBackbone backbone, NDArray pixels) {
        PatchGrid grid = backbone.grid(pixels);
        try (TensorScope scope = TensorScope.under(pixels.getManager())) {
            NDArray x = backbone.embed(scope.borrow(pixels));
            NDArray y = backbone.norm(backbone.forward(x, grid, backbone.depth(), MlpHook.NONE), true); // (B, T, D)
            NDArray mean = backbone.patches(y, grid).mean(new int[] {1});
            boolean hasClassToken = backbone.hasClassToken();
            NDArray classToken =
                    hasClassToken ? ViTBackbone.rows(y, 0, 1).squeeze(1).duplicate() : null; // frees the other rows
            return new ImageFeatures(hasClassToken ? scope.keep(classToken) : null, scope.keep(mean));
        }
    }
}
