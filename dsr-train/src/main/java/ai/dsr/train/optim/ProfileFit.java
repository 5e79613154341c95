// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.stats.LeastSquares;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The combination of stored averages that comes nearest to an average of another length (Karras et al., 2024, section
 * 3.2).
 *
 * <p>Averages are sums of the weights of all steps, so the nearest combination is a question about their profiles alone.
 * The paper integrates continuous profiles; here inner products are sums over steps, which is exact for the averages as
 * they are tracked.
 */
public final class ProfileFit {
    private final double[] coefficients;
    private final double error;

    private ProfileFit(double[] coefficients, double error) {
        this.coefficients = coefficients;
        this.error = error;
    }

    /**
     * An average at one moment.
     *
     * @param profile its profile
     * @param updates updates of the weights until then, 1 or more
     */
    public record Snapshot(PowerProfile profile, long updates) {}

    /** Fits a combination of snapshots to a target. */
    public static ProfileFit of(List<Snapshot> snapshots, Snapshot target) {
        int n = snapshots.size();
        InnerProducts products = new InnerProducts(snapshots, target);
        double[][] gram = new double[n][n];
        double[] right = new double[n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                gram[i][j] = products.of(snapshots.get(i), snapshots.get(j));
            }
            right[i] = products.of(snapshots.get(i), target);
        }
        double[] x = LeastSquares.solve(gram, right);
        double square = products.of(target, target);
        double residual = square;
        for (int i = 0; i < n; i++) {
            residual -= 2 * x[i] * right[i];
            for (int j = 0; j < n; j++) {
                residual += x[i] * x[j] * gram[i][j];
            }
        }
        return new ProfileFit(x, Math.sqrt(Math.max(residual, 0) / square));
    }

    /** The factor of each snapshot. */
    public double[] coefficients() {
        return coefficients.clone();
    }

    /** The distance of the combined profile from the target's, over the norm of the latter. */
    public double error() {
        return error;
    }

    /**
     * Sums over steps of products of two profiles. With p = exponent + 1, step i counts for {@code u_p(i) / t^p} after t
     * updates, so all sums follow from {@code S(m) = u_a(1) u_b(1) + ... + u_a(m) u_b(m)}, kept as
     * {@code S(m) / m^(a + b - 1)} to stay in range.
     */
    private static final class InnerProducts {
        private final Map<Pair, Map<Long, Double>> sums = new HashMap<>();

        InnerProducts(List<Snapshot> snapshots, Snapshot target) {
            for (Snapshot first : snapshots) {
                for (Snapshot second : snapshots) {
                    need(first, second);
                }
                need(first, target);
            }
            need(target, target);
            sums.forEach(InnerProducts::fill);
        }

        private void need(Snapshot first, Snapshot second) {
            sums.computeIfAbsent(Pair.of(first, second), unused -> new HashMap<>())
                    .put(Math.min(first.updates, second.updates), 0.0);
        }

        private static void fill(Pair pair, Map<Long, Double> wanted) {
            long last =
                    wanted.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
            double power = pair.low.exponent() + pair.high.exponent() + 1;
            double scaled = 0;
            for (long m = 1; m <= last; m++) {
                scaled *= Math.pow((m - 1.0) / m, power);
                scaled += pair.low.weight(m, m) * pair.high.weight(m, m) * m;
                if (wanted.containsKey(m)) {
                    wanted.put(m, scaled);
                }
            }
        }

        double of(Snapshot a, Snapshot b) {
            boolean ordered = a.updates <= b.updates;
            Snapshot early = ordered ? a : b;
            Snapshot late = ordered ? b : a;
            double scaled = sums.get(Pair.of(a, b)).get(early.updates);
            double share = (double) early.updates / late.updates;
            return scaled / early.updates * Math.pow(share, late.profile.exponent() + 1);
        }
    }

    /** Two profiles in either order. */
    private record Pair(PowerProfile low, PowerProfile high) {
        Pair {
            Objects.requireNonNull(low);
            Objects.requireNonNull(high);
        }

        static Pair of(Snapshot a, Snapshot b) {
            boolean ordered = a.profile.exponent() <= b.profile.exponent();
            return ordered ? new Pair(a.profile, b.profile) : new Pair(b.profile, a.profile);
        }
    }
}
