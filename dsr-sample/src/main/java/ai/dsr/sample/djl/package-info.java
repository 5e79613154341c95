// SPDX-License-Identifier: Apache-2.0

/**
 * The pipelines as DJL models: a bundle opens by {@code Criteria}, draws by {@code Predictor} and deploys on DJL Serving.
 *
 * <p>{@link ai.dsr.sample.djl.PipelineBlockFactory} opens the bundle, {@link ai.dsr.sample.djl.DrawTranslatorFactory}
 * translates requests. A folder for DJL Serving is a bundle with this {@code serving.properties}:
 *
 * <pre>
 * engine=PyTorch
 * option.hasParameter=false
 * blockFactory=ai.dsr.sample.djl.PipelineBlockFactory
 * translatorFactory=ai.dsr.sample.djl.DrawTranslatorFactory
 * </pre>
 */
package ai.dsr.sample.djl;
