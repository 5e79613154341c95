// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

/**
 * The learning rate of every optimiser step: warm-up, then linear or cosine decay to a final rate, then constant.
 *
 * <p>With base rate b, final rate f, warm-up W and end E in steps: {@code b (k + 1) / W} (or b) for {@code k < W};
 * {@code f} for {@code k >= E}; between them linear, or {@code f + (b - f) (1 + cos(pi q)) / 2}, in
 * {@code q = (k - W) / (E - W)}. Fallbacks of absent keys are those of the reference trainer: without any end key the
 * rate drops to the final one right after the warm-up.
 */
public final class LrSchedule {
    private final double base;
    private final double ratio;
    private final long warmup;
    private final long end;
    private final boolean fromZero;
    private final boolean cosine;

    private LrSchedule(double base, double ratio, long warmup, long end, boolean fromZero, boolean cosine) {
        this.base = base;
        this.ratio = ratio;
        this.warmup = warmup;
        this.end = Math.max(end, warmup);
        this.fromZero = fromZero;
        this.cosine = cosine;
    }

    /** The schedule of a training section; a constant rate if it has no {@code scheduler}. */
    public static LrSchedule of(TrainingConfig training, int stepsPerEpoch) {
        SchedulerConfig s = training.scheduler();
        double base = baseRate(training);
        if (s == null) {
            return new LrSchedule(base, 1, 0, 0, false, false);
        }
        double sectionBase = training.baseLr() != null ? training.baseLr() : training.learningRate();
        double sectionFinal = training.finalLr() != null ? training.finalLr() : sectionBase;
        double last = s.finalLr() != null ? s.finalLr() : sectionFinal;
        long warmup = first(s.warmupSteps(), stepsPerEpoch, s.warmupEpochs(), training.decayStartEpoch(), 0);
        // The reference's fallback goes through epochs and back: int(W / S * S) in floating point.
        long noEnd = (long) ((double) warmup / stepsPerEpoch * stepsPerEpoch);
        long end = first(s.decayEndSteps(), stepsPerEpoch, s.decayEndEpoch(), training.decayEndEpoch(), noEnd);
        return new LrSchedule(base, last / base, warmup, end, s.warmupFromZero(), isCosine(training, s));
    }

    /** The rate that factors of the schedule multiply: the scheduler's, else the section's, else the optimiser's. */
    static double baseRate(TrainingConfig training) {
        SchedulerConfig s = training.scheduler();
        if (s == null) {
            return training.learningRate();
        }
        return s.baseLr() != null
                ? s.baseLr()
                : training.baseLr() != null ? training.baseLr() : training.learningRate();
    }

    private static boolean isCosine(TrainingConfig training, SchedulerConfig s) {
        String type =
                s.type() != null ? s.type() : training.scheduleType() != null ? training.scheduleType() : "linear";
        return switch (type) {
            case "linear" -> false;
            case "cosine" -> true;
            default -> throw new IllegalArgumentException("scheduler.type: expected linear or cosine, got " + type);
        };
    }

    /** Steps as given, else epochs of the scheduler, else of the section, else the fallback; fractions are cut off. */
    private static long first(Integer steps, int stepsPerEpoch, Double epochs, Double sectionEpochs, long fallback) {
        if (steps != null) {
            return steps;
        }
        Double chosen = epochs != null ? epochs : sectionEpochs;
        return chosen != null ? (long) (chosen * stepsPerEpoch) : fallback;
    }

    /** The rate of optimiser step {@code step}, from 0. */
    public double rate(long step) {
        return base * factor(step);
    }

    private double factor(long step) {
        if (step < warmup) {
            return fromZero ? (step + 1.0) / warmup : 1;
        }
        if (step >= end) {
            return ratio;
        }
        double q = (double) (step - warmup) / Math.max(end - warmup, 1);
        return cosine ? ratio + (1 - ratio) * (1 + Math.cos(Math.PI * q)) / 2 : 1 - (1 - ratio) * q;
    }
}
