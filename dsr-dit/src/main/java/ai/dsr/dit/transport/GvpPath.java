// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;

/** A quarter circle, {@code alpha = cos(pi t / 2)}, {@code sigma = sin(pi t / 2)}: the variance stays that of the data. */
public record GvpPath() implements ProbabilityPath {
    private static final double QUARTER = Math.PI / 2;

    @Override
    public NDArray alpha(NDArray t) {
        return t.mul(QUARTER).cos();
    }

    @Override
    public NDArray alphaSlope(NDArray t) {
        return t.mul(QUARTER).sin().mul(-QUARTER);
    }

    @Override
    public NDArray sigma(NDArray t) {
        return t.mul(QUARTER).sin();
    }

    @Override
    public NDArray sigmaSlope(NDArray t) {
        return t.mul(QUARTER).cos().mul(QUARTER);
    }

    @Override
    public NDArray alphaLogSlope(NDArray t) {
        return t.mul(QUARTER).tan().mul(-QUARTER);
    }
}
