// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.transport.DiffusionForm;
import ai.dsr.dit.transport.PerSample;
import ai.dsr.dit.transport.ProbabilityPath;

/**
 * Walks {@code dx = (drift - d score) dt + sqrt(2 d) dW} from noise to data, with one draw of noise for each interval, and
 * ends with the last-step rule; stateless.
 */
final class SdeSolver {
    private final SdeMethod method;
    private final DiffusionForm form;
    private final double norm;
    private final LastStep lastStep;
    private final double lastStepSize;

    /** The solver of the SDE options of a configuration. */
    SdeSolver(SamplerConfig config) {
        method = SdeMethod.of(config.samplingMethod());
        form = config.diffusionForm();
        norm = config.diffusionNorm();
        lastStep = config.lastStep();
        lastStepSize = config.effectiveLastStepSize();
    }

    /**
     * Walks from the first time of the grid to the last.
     *
     * @param end the time T of the last-step rule, which is not shifted
     */
    Solution solve(ModelField field, NDArray x, TimeGrid grid, float end, NoiseSource noise, StepListener listener) {
        int steps = grid.intervals() + (lastStep == LastStep.NONE ? 0 : 1);
        try (TensorScope run = TensorScope.under(x.getManager())) {
            NDArray state = TensorScope.view(x, run.manager());
            for (int i = 0; i < grid.intervals(); i++) {
                NDArray next;
                try (TensorScope step = TensorScope.under(run.manager())) {
                    NDArray draw = noise.at(i, step.manager());
                    next = step.keep(step(field, TensorScope.view(state, step.manager()), grid, i, draw));
                }
                state.close();
                state = next;
                States.report(listener, i + 1, steps, grid.at(i + 1), state);
            }
            if (lastStep != LastStep.NONE) {
                NDArray next;
                try (TensorScope step = TensorScope.under(run.manager())) {
                    next = step.keep(finish(field, TensorScope.view(state, step.manager()), end));
                }
                state.close();
                state = next;
                States.report(listener, steps, steps, 0, state);
            }
            return new Solution(run.keep(state), field.evaluations());
        }
    }

    private NDArray step(ModelField field, NDArray x, TimeGrid grid, int i, NDArray draw) {
        float t = grid.at(i);
        float h = -grid.step(i);
        NDArray d = form.at(field.transport().path(), ModelField.times(x, t), norm);
        NDArray kick = draw.mul(PerSample.over(d.mul(2).sqrt().mul(Math.sqrt(h)), x));
        if (method == SdeMethod.EULER) {
            return x.sub(drift(field, x, t).mul(h)).add(kick);
        }
        NDArray kicked = x.add(kick);
        NDArray first = drift(field, kicked, t);
        NDArray second = drift(field, kicked.sub(first.mul(h)), grid.at(i + 1));
        return kicked.sub(first.add(second).mul(0.5 * h));
    }

    private NDArray drift(ModelField field, NDArray x, float t) {
        return field.reverseDrift(x, t, form, norm);
    }

    private NDArray finish(ModelField field, NDArray x, float end) {
        return switch (lastStep) {
            case NONE -> x;
            case MEAN -> x.sub(drift(field, x, end).mul(lastStepSize));
            case EULER -> x.sub(field.drift(x, end).mul(lastStepSize));
            case TWEEDIE -> {
                ProbabilityPath path = field.transport().path();
                NDArray t = ModelField.times(x, end);
                NDArray variance = PerSample.over(path.sigma(t).square(), x);
                yield x.add(field.score(x, end).mul(variance)).div(PerSample.over(path.alpha(t), x));
            }
        };
    }
}
