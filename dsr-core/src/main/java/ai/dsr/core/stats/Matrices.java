// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The few operations on host matrices that statistics need; loading this class starts ND4J. */
final class Matrices {
    static {
        // Its start-up lines are about its own set-up and would appear in the middle of an evaluation.
        System.setProperty("org.nd4j.log.initialization", "false");
    }

    private Matrices() {}

    /** Copies row-major values {@code (rows, columns)} into a matrix. */
    static INDArray of(double[] values, long rows, long columns) {
        return Nd4j.create(values, new long[] {rows, columns}, 'c');
    }

    /** A matrix of zeros in the memory order that {@link #addGram} needs. */
    static INDArray zeros(int side) {
        return Nd4j.create(DataType.DOUBLE, new long[] {side, side}, 'f');
    }

    /** The row-major values of a matrix, each divided by {@code divisor}. */
    static double[] valuesOver(INDArray matrix, double divisor) {
        try (INDArray quotient = matrix.div(divisor);
                INDArray flat = Nd4j.toFlattened('c', quotient)) {
            return flat.toDoubleVector();
        }
    }

    /** Adds {@code x^T x} for {@code x (n, L)} to {@code total (L, L)}. */
    static void addGram(INDArray x, INDArray total) {
        Nd4j.gemm(x, x, total, true, false, 1, 1);
    }

    /** The matrix product {@code a b}, or {@code a^T b}. */
    static INDArray product(INDArray a, boolean transposed, INDArray b) {
        return Nd4j.gemm(a, b, transposed, false);
    }

    /** The products {@code a_i . b_j}, {@code (n, m)} row-major, of rows {@code a (n, L)} and {@code b (m, L)}. */
    static double[] products(double[] a, int n, double[] b, int m, int width) {
        try (INDArray first = of(a, n, width);
                INDArray second = of(b, m, width);
                INDArray product = Nd4j.gemm(first, second, false, true);
                INDArray rowMajor = product.dup('c')) {
            return rowMajor.data().asDouble();
        }
    }

    /** The same in float32. */
    static float[] products(float[] a, int n, float[] b, int m, int width) {
        try (INDArray first = Nd4j.create(a, new long[] {n, width}, 'c');
                INDArray second = Nd4j.create(b, new long[] {m, width}, 'c');
                INDArray product = Nd4j.gemm(first, second, false, true);
                INDArray rowMajor = product.dup('c')) {
            return rowMajor.data().asFloat();
        }
    }

    /** Eigenvalues of a symmetric matrix, smallest first; only its lower triangle counts. */
    static double[] eigenvalues(INDArray symmetric) {
        return decompose('N', symmetric.dup('f'));
    }

    /** Eigenvalues of a symmetric matrix, smallest first; overwrites the matrix with the eigenvectors as columns. */
    static double[] eigenvectorsInPlace(INDArray symmetric) {
        return decompose('V', symmetric);
    }

    private static double[] decompose(char job, INDArray matrix) {
        INDArray values = Nd4j.create(DataType.DOUBLE, matrix.rows());
        int info = Nd4j.getBlasWrapper().lapack().syev(job, 'L', matrix, values);
        if (info != 0) {
            throw new ArithmeticException("eigenvalues: expected LAPACK syev to return 0, got " + info + " for "
                    + matrix.rows() + " x " + matrix.columns());
        }
        return values.toDoubleVector();
    }
}
