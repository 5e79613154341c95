// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;

/** Straight lines, as in rectified flow (Liu et al., 2022): {@code alpha = 1 - t}, {@code sigma = t}. */
public record LinearPath() implements ProbabilityPath {
    @Override
    public NDArray alpha(NDArray t) {
        return t.neg().add(1);
    }

    @Override
    public NDArray alphaSlope(NDArray t) {
        return t.onesLike().neg();
    }

    @Override
    public NDArray sigma(NDArray t) {
        return t.duplicate();
    }

    @Override
    public NDArray sigmaSlope(NDArray t) {
        return t.onesLike();
    }

    @Override
    public NDArray alphaLogSlope(NDArray t) {
        return alphaSlope(t).div(alpha(t));
    }
}
