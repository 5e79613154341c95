// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.testkit.LeakCheck;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(LeakCheck.class)
class OdeSolverPropertyTest {
    private static TimeGrid grid(int intervals, boolean isFalling) {
        float[] times = new float[intervals + 1];
        for (int i = 0; i <= intervals; i++) {
            times[i] = (float) i / intervals;
        }
        TimeGrid rising = TimeGrid.of(times);
        return isFalling ? rising.reversed() : rising;
    }

    /** Error at t = 1 of x' = -2 t x^2 from x(0) = 1, whose solution is 1 / (1 + t^2). */
    private static double error(OdeMethod method, int intervals, NDManager manager) {
        NDArray start = manager.create(new double[] {1});
        Solution end = OdeSolver.of(method, 1e-9, 1e-9)
                .solve((x, t) -> x.square().mul(-2.0 * t), start, grid(intervals, false), StepListener.NONE);
        return Math.abs(end.x().getDouble(0) - 0.5);
    }

    @ParameterizedTest
    @CsvSource({"EULER, 1", "MIDPOINT, 2", "HEUN2, 2", "HEUN3, 3", "RK4, 4", "AB2, 2"})
    void theErrorFallsWithTheOrderOfTheMethod(OdeMethod method, int order, NDManager manager) {
        double ratio = error(method, 8, manager) / error(method, 16, manager);
        assertEquals(order, Math.log(ratio) / Math.log(2), 0.35);
    }

    @ParameterizedTest
    @CsvSource({"EULER, 0", "MIDPOINT, 0.0625", "HEUN2, 0.5", "HEUN3, 0.14814814", "RK4, 0.20370370"})
    void oneStepOverAPowerOfTimeShowsTheWeightsOfTheMethod(OdeMethod method, double expected, NDManager manager) {
        NDArray start = manager.create(new double[] {0});
        Solution end = RungeKuttaOde.of(method)
                .solve((x, t) -> x.zerosLike().add(Math.pow(t, 4)), start, grid(1, false), StepListener.NONE);
        assertEquals(expected, end.x().getDouble(0), 1e-7);
    }

    @ParameterizedTest
    @CsvSource({"DOPRI5, 1e-7", "BOSH3, 5e-6", "FEHLBERG2, 1e-4", "ADAPTIVE_HEUN, 1e-4"})
    void adaptiveMethodsKeepTheirTolerance(OdeMethod method, double bound, NDManager manager) {
        assertTrue(error(method, 1, manager) < bound);
        assertTrue(error(method, 7, manager) < bound); // interpolated on the way
    }

    @ParameterizedTest
    @CsvSource({"DOPRI5, 7, 5", "BOSH3, 4, 3", "FEHLBERG2, 3, 2", "ADAPTIVE_HEUN, 2, 2"})
    void aStepCombinesTheStagesOfTheMethodToItsOrder(OdeMethod method, int stages, int order) {
        AdaptiveTableau tableau = AdaptiveTableau.of(method);
        assertEquals(stages, tableau.stages());
        assertEquals(order, tableau.order());
        double[] sums = new double[order];
        for (int stage = 0; stage < tableau.solution().length; stage++) {
            double node = stage == 0 ? 0 : tableau.node(stage);
            for (int power = 0; power < order; power++) {
                sums[power] += tableau.solution()[stage] * Math.pow(node, power);
            }
        }
        for (int power = 0; power < order; power++) {
            assertEquals(1.0 / (power + 1), sums[power], 1e-14, "quadrature of t^" + power);
        }
        assertEquals(0, Arrays.stream(tableau.error()).sum(), 1e-14);
        assertEquals(0.5, Arrays.stream(tableau.middle()).sum(), 1e-9);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DPMPP_2M")
    void walkingThereAndBackReturnsToTheStart(OdeMethod method, NDManager manager) {
        VectorField field = (x, t) -> x.sin().add(Math.cos(3 * t));
        OdeSolver solver = OdeSolver.of(method, 1e-7, 1e-7);
        NDArray start = manager.create(new double[] {-1, 0.3, 2});
        int intervals = 64;
        NDArray there = solver.solve(field, start, grid(intervals, true), StepListener.NONE)
                .x();
        NDArray back = solver.solve(field, there, grid(intervals, false), StepListener.NONE)
                .x();
        double tolerance = method == OdeMethod.EULER ? 0.06 : 2e-3;
        assertEquals(0, back.sub(start).abs().max().getDouble(), tolerance);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DPMPP_2M")
    void theListenerHearsEachTimeOfTheGridAndTheFieldIsCounted(OdeMethod method, NDManager manager) {
        NDArray start = manager.create(new float[] {1});
        TimeGrid grid = grid(4, true);
        List<Float> times = new ArrayList<>();
        int[] calls = new int[1];
        Solution end = OdeSolver.of(method, 1e-6, 1e-3)
                .solve(
                        (x, t) -> {
                            calls[0]++;
                            return x.neg();
                        },
                        start,
                        grid,
                        (step, steps, t, x) -> {
                            assertEquals(4, steps);
                            times.add(t);
                            assertEquals(times.size(), step);
                        });
        assertEquals(List.of(0.75f, 0.5f, 0.25f, 0f), times);
        assertEquals(calls[0], end.evaluations());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "DPMPP_2M")
    void aRunLeavesNothingButItsResult(OdeMethod method, NDManager manager) {
        NDArray start = manager.create(new float[] {1, 2});
        int before = manager.getManagedArrays().size();
        Solution end =
                OdeSolver.of(method, 1e-6, 1e-3).solve((x, t) -> x.mul(t), start, grid(5, true), StepListener.NONE);
        assertEquals(before + 1, manager.getManagedArrays().size());
        assertEquals(manager, end.x().getManager());
        assertEquals(1, start.getFloat(0));
    }

    @Test
    void dopri5StopsWhereTheFieldIsNotFinite(NDManager manager) {
        NDArray start = manager.create(new float[] {1});
        OdeSolver solver = new AdaptiveOde(OdeMethod.DOPRI5, 1e-6, 1e-3);
        String message = assertThrows(
                        IllegalStateException.class,
                        () -> solver.solve((x, t) -> x.mul(Float.NaN), start, grid(2, true), StepListener.NONE))
                .getMessage();
        assertTrue(message.startsWith("dopri5: expected a finite "), message);
    }
}
