// SPDX-License-Identifier: Apache-2.0

/**
 * Vision transformers that turn images into patch tokens.
 *
 * <p>Read {@link ai.dsr.encoders.vit.VisionEncoder} (what the rest of the library sees), then
 * {@link ai.dsr.encoders.vit.ViTBlock} and {@link ai.dsr.encoders.vit.ViT} (the transformer all families share), then
 * a family, {@link ai.dsr.encoders.vit.Dinov3Config} for one: a family is a configuration that comes down to a
 * {@link ai.dsr.encoders.vit.ViTConfig} of sizes, names and token layout. {@link ai.dsr.encoders.vit.ViTEncoder} wraps a
 * network as configurations ask for it. {@link ai.dsr.encoders.vit.ViTBackbone} and {@link ai.dsr.encoders.vit.MlpHook}
 * are for code that looks inside.
 *
 * <p>Letters in shapes: B batch, T all tokens, P patches, D width, F hidden width of an MLP, K heads, H W pixels. Patches run
 * row by row. Hidden state 0 is the input of the first block, hidden state i the output of block i - 1. Everything is in
 * evaluation mode: no dropout, no masking. Weights belong to the manager given to a loader, results to that of the pixels.
 */
package ai.dsr.encoders.vit;
