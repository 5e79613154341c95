// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import java.util.List;

/** The numbers of Dormand and Prince's method of order 5(4) with Shampine's error estimate and midpoint (1986). */
final class Dopri5Tableau {
    static final int STAGES = 7;

    /** Times of the stages within the step. */
    private static final List<Double> NODES = List.of(0.0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1.0, 1.0);

    private Dopri5Tableau() {}

    static double node(int stage) {
        return NODES.get(stage);
    }

    /** Weights of the earlier slopes in a stage; the last stage is the result of the step. */
    static double[] row(int stage) {
        return switch (stage) {
            case 1 -> new double[] {1.0 / 5};
            case 2 -> new double[] {3.0 / 40, 9.0 / 40};
            case 3 -> new double[] {44.0 / 45, -56.0 / 15, 32.0 / 9};
            case 4 -> new double[] {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729};
            case 5 -> new double[] {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656};
            case 6 -> new double[] {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84};
            default -> throw new IllegalArgumentException("stage: expected 1 to 6, got " + stage);
        };
    }

    /** Weights of the slopes in the error of a step. */
    static double[] error() {
        return new double[] {
            35.0 / 384 - 1951.0 / 21600,
            0,
            500.0 / 1113 - 22642.0 / 50085,
            125.0 / 192 - 451.0 / 720,
            -2187.0 / 6784 + 12231.0 / 42400,
            11.0 / 84 - 649.0 / 6300,
            -1.0 / 60
        };
    }

    /** Weights of the slopes in the state at the middle of a step, for half its length. */
    static double[] middle() {
        return new double[] {
            6025192743.0 / 30085553152.0,
            0,
            51252292925.0 / 65400821598.0,
            -2691868925.0 / 45128329728.0,
            187940372067.0 / 1594534317056.0,
            -1776094331.0 / 19743644256.0,
            11237099.0 / 235043384.0
        };
    }
}
