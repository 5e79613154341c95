// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

/** A kernel of two feature vectors, given by their product and their squared norms. */
public sealed interface FeatureKernel {
    /** The kernel for vectors x and y. */
    double of(double product, double squaredNormX, double squaredNormY);

    /**
     * {@code (gamma x.y + coef0)^degree}.
     *
     * @param degree exponent, 1 or more
     * @param gamma factor of the product
     * @param coef0 constant
     */
    record Polynomial(int degree, double gamma, double coef0) implements FeatureKernel {
        /** Checks the degree. */
        public Polynomial {
            if (degree < 1) {
                throw new IllegalArgumentException("kid_kernel_poly_degree: expected 1 or more, got " + degree);
            }
        }

        /** The kernel of KID (Bińkowski et al., 2018): {@code (x.y / width + 1)^3}. */
        public static Polynomial cubic(int width) {
            return new Polynomial(3, 1.0 / width, 1);
        }

        @Override
        public double of(double product, double squaredNormX, double squaredNormY) {
            double base = gamma * product + coef0;
            double power = base;
            for (int i = 1; i < degree; i++) {
                power *= base;
            }
            return power;
        }
    }

    /**
     * {@code exp(-|x - y|^2 / (2 sigma^2))}.
     *
     * @param sigma width, above 0
     */
    record Gaussian(double sigma) implements FeatureKernel {
        /** Checks the width. */
        public Gaussian {
            if (!(sigma > 0)) {
                throw new IllegalArgumentException("kid_kernel_rbf_sigma: expected above 0, got " + sigma);
            }
        }

        @Override
        public double of(double product, double squaredNormX, double squaredNormY) {
            double distance = Math.max(squaredNormX - 2 * product + squaredNormY, 0);
            return Math.exp(-distance / (2 * sigma * sigma));
        }
    }
}
