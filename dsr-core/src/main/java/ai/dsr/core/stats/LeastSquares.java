// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Least squares by the normal equations: the combination of given vectors that comes nearest to a target. */
public final class LeastSquares {
    /** Directions that are weaker than the strongest by this factor are left out: they only amplify rounding. */
    private static final double CUTOFF = 1e-13;

    private LeastSquares() {}

    /**
     * The shortest x with {@code G x} nearest to {@code b}, by the eigenvectors of G.
     *
     * @param gram inner products of the vectors with each other, symmetric, n x n
     * @param target inner products of the vectors with the target, n
     * @return the n coefficients
     */
    public static double[] solve(double[][] gram, double[] target) {
        int n = target.length;
        if (gram.length != n || Arrays.stream(gram).anyMatch(row -> row.length != n)) {
            throw new IllegalArgumentException(
                    "gram: expected " + n + " x " + n + " inner products, got another shape");
        }
        INDArray vectors = Matrices.zeros(n);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                vectors.putScalar(i, j, gram[i][j]);
            }
        }
        double[] values = Matrices.eigenvectorsInPlace(vectors);
        INDArray b = Nd4j.createFromArray(target).castTo(DataType.DOUBLE).reshape(n, 1);
        INDArray parts = Matrices.product(vectors, true, b);
        for (int i = 0; i < n; i++) {
            double value = values[i];
            parts.putScalar(i, 0, value > CUTOFF * values[n - 1] ? parts.getDouble(i, 0) / value : 0);
        }
        return Matrices.product(vectors, false, parts).reshape(n).toDoubleVector();
    }
}
