// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;

/**
 * A frozen network that describes an image by numbers.
 *
 * <p>Images go through one at a time. Matrix kernels may round a row differently beside other rows; alone, an image has
 * the same features in every set, in every order and however often a job was interrupted.
 */
public sealed interface FeatureNetwork permits InceptionFeatures, EncoderFeatures {
    /** What decides the features. */
    FeatureSpec spec();

    /** The features of an image of any size, the parts of the spec one after the other; {@code scope} is used on the way. */
    float[] extract(NDManager scope, RgbImage image);
}
