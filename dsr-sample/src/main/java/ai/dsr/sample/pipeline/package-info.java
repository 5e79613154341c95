// SPDX-License-Identifier: Apache-2.0

/**
 * From a bundle to pictures.
 *
 * <p>Read {@link ai.dsr.sample.pipeline.ClassToImage} and {@link ai.dsr.sample.pipeline.SampleRequest}; pipelines take
 * and return Java values, tensors stay inside. {@link ai.dsr.sample.images.Images} converts between the two.
 */
package ai.dsr.sample.pipeline;
