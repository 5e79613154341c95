// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import java.util.Arrays;

/**
 * The numbers of an embedded Runge-Kutta pair and of the state at the middle of its steps, as used by torchdiffeq 0.2.5.
 *
 * <p>The slope of the last stage is taken for that at the end of the step. Dormand-Prince and Bogacki-Shampine evaluate
 * it exactly there; the two methods of second order only near there.
 */
final class AdaptiveTableau {
    private final OdeMethod method;
    private final int order;
    private final double[] nodes;
    private final double[][] rows;
    private final double[] solution;
    private final double[] error;
    private final double[] middle;

    private AdaptiveTableau(OdeMethod method, int order, double[] nodes, double[][] rows, double[]... weights) {
        this.method = method;
        this.order = order;
        this.nodes = nodes;
        this.rows = rows;
        solution = weights[0];
        error = weights[1];
        middle = weights[2];
    }

    /**
     * The numbers of a method.
     *
     * @throws IllegalArgumentException for a method of fixed steps
     */
    static AdaptiveTableau of(OdeMethod method) {
        return switch (method) {
            case DOPRI5 -> dormandPrince();
            case BOSH3 -> bogackiShampine();
            case FEHLBERG2 -> fehlberg();
            case ADAPTIVE_HEUN -> heun();
            default ->
                throw new IllegalArgumentException(
                        "sampling_method: expected a method that chooses its steps, got " + method.label());
        };
    }

    /** Dormand and Prince (1980), with the error estimate and the midpoint of Shampine (1986). */
    private static AdaptiveTableau dormandPrince() {
        double[] last = {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84};
        return new AdaptiveTableau(
                OdeMethod.DOPRI5,
                5,
                numbers(1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1),
                new double[][] {
                    {1.0 / 5},
                    {3.0 / 40, 9.0 / 40},
                    {44.0 / 45, -56.0 / 15, 32.0 / 9},
                    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
                    last
                },
                last,
                numbers(
                        35.0 / 384 - 1951.0 / 21600,
                        0,
                        500.0 / 1113 - 22642.0 / 50085,
                        125.0 / 192 - 451.0 / 720,
                        -2187.0 / 6784 + 12231.0 / 42400,
                        11.0 / 84 - 649.0 / 6300,
                        -1.0 / 60),
                numbers(
                        6025192743.0 / 30085553152.0 / 2,
                        0,
                        51252292925.0 / 65400821598.0 / 2,
                        -2691868925.0 / 45128329728.0 / 2,
                        187940372067.0 / 1594534317056.0 / 2,
                        -1776094331.0 / 19743644256.0 / 2,
                        11237099.0 / 235043384.0 / 2));
    }

    /** Bogacki and Shampine (1989). */
    private static AdaptiveTableau bogackiShampine() {
        double[] last = {2.0 / 9, 1.0 / 3, 4.0 / 9};
        return new AdaptiveTableau(
                OdeMethod.BOSH3,
                3,
                numbers(1.0 / 2, 3.0 / 4, 1),
                new double[][] {{1.0 / 2}, {0, 3.0 / 4}, last},
                last,
                numbers(2.0 / 9 - 7.0 / 24, 1.0 / 3 - 1.0 / 4, 4.0 / 9 - 1.0 / 3, -1.0 / 8),
                numbers(0, 1.0 / 2));
    }

    /** Fehlberg (1969). */
    private static AdaptiveTableau fehlberg() {
        return new AdaptiveTableau(
                OdeMethod.FEHLBERG2,
                2,
                numbers(1.0 / 2, 1),
                new double[][] {{1.0 / 2}, {1.0 / 256, 255.0 / 256}},
                numbers(1.0 / 512, 255.0 / 256, 1.0 / 512),
                numbers(-1.0 / 512, 0, 1.0 / 512),
                numbers(0, 1.0 / 2));
    }

    /** Heun's method with Euler's inside. */
    private static AdaptiveTableau heun() {
        return new AdaptiveTableau(
                OdeMethod.ADAPTIVE_HEUN,
                2,
                numbers(1),
                new double[][] {{1}},
                numbers(1.0 / 2, 1.0 / 2),
                numbers(1.0 / 2, -1.0 / 2),
                numbers(1.0 / 2));
    }

    private static double[] numbers(double... values) {
        return values;
    }

    /** The method. */
    OdeMethod method() {
        return method;
    }

    /** Order of the solution; that of the error estimate is one less. */
    int order() {
        return order;
    }

    /** Slopes a step, the one it starts with included. */
    int stages() {
        return nodes.length + 1;
    }

    /** Time of stage 1, 2, ... within the step. */
    double node(int stage) {
        return nodes[stage - 1];
    }

    /** Weights of the earlier slopes in stage 1, 2, ... */
    double[] row(int stage) {
        return rows[stage - 1];
    }

    /** Weights of the slopes in the result of the step. */
    double[] solution() {
        return solution;
    }

    /** Whether the last stage stands at the result of the step. */
    boolean endsAtSolution() {
        return Arrays.equals(solution, rows[rows.length - 1]);
    }

    /** Weights of the slopes in the error of the step. */
    double[] error() {
        return error;
    }

    /** Weights of the slopes in the state at the middle of the step. */
    double[] middle() {
        return middle;
    }
}
