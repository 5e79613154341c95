// SPDX-License-Identifier: Apache-2.0

/**
 * Images on the host: 8-bit RGB in memory, files, resampling, crops and contact sheets. No tensors here.
 *
 * <p>Read {@link ai.dsr.core.image.RgbImage}, {@link ai.dsr.core.image.ImageCodec},
 * {@link ai.dsr.core.image.PillowResize}, {@link ai.dsr.core.image.Crop}. Pixels are row-major, top-left first, with
 * channels red, green, blue interleaved ({@code (H, W, 3)}), unsigned bytes; sizes are in pixels, width before height.
 */
package ai.dsr.core.image;
