// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.dsr.core.config.Default;
import ai.dsr.dit.transport.DiffusionForm;

/**
 * How to walk from noise to latents.
 *
 * <p>{@code num_steps} counts points of time: 50 are 49 intervals and, with Euler, 49 evaluations. Each option counts only
 * where the text says so.
 *
 * @param mode ODE or SDE
 * @param samplingMethod {@code sampling_method}: one of {@link OdeMethod}, such as euler, heun2 (also heun), dpmpp_2m or
 *     dopri5; for an SDE euler or heun
 * @param numSteps {@code num_steps}: points of the grid, 2 or more; for adaptive methods those of the reported states
 * @param atol absolute tolerance of adaptive methods
 * @param rtol relative tolerance of adaptive methods
 * @param reverse ODE: walk from data to noise instead
 * @param clampPred {@code clamp_pred}, ODE with data prediction: bound of the predicted data; null, 0 or less is none
 * @param diffusionForm {@code diffusion_form}, SDE
 * @param diffusionNorm {@code diffusion_norm}, SDE: its factor
 * @param lastStep {@code last_step}, SDE
 * @param lastStepSize {@code last_step_size}, SDE: how much of the interval the last step covers
 */
public record SamplerConfig(
        @Default("ODE") SamplerMode mode,
        @Default("euler") String samplingMethod,
        @Default("50") int numSteps,
        @Default("1e-6") double atol,
        @Default("1e-3") double rtol,
        @Default("false") boolean reverse,
        @Default("null") Double clampPred,
        @Default("sigma") DiffusionForm diffusionForm,
        @Default("1") double diffusionNorm,
        @Default("Mean") LastStep lastStep,
        @Default("0.04") double lastStepSize) {

    public SamplerConfig {
        if (mode == SamplerMode.ODE) {
            OdeMethod.of(samplingMethod);
        } else {
            SdeMethod.of(samplingMethod);
        }
        if (numSteps < 2) {
            throw new IllegalArgumentException(
                    "num_steps: expected 2 or more, got " + numSteps + "; it counts points, one more than steps");
        }
        if (!(atol > 0 && rtol >= 0)) {
            throw new IllegalArgumentException("atol: expected atol > 0 and rtol >= 0, got " + atol + " and " + rtol);
        }
        if (!(diffusionNorm >= 0) || Double.isInfinite(diffusionNorm)) {
            throw new IllegalArgumentException("diffusion_norm: expected a number >= 0, got " + diffusionNorm);
        }
        if (!(lastStepSize >= 0 && lastStepSize < 1)) {
            throw new IllegalArgumentException("last_step_size: expected a number in [0, 1), got " + lastStepSize);
        }
        if (reverse && mode == SamplerMode.SDE) {
            throw new IllegalArgumentException("reverse: expected false for mode SDE, got true; use mode ODE");
        }
    }

    /** An ODE sampler with all else at its default. */
    public static SamplerConfig ode(OdeMethod method, int numSteps) {
        return new SamplerConfig(
                SamplerMode.ODE,
                method.label(),
                numSteps,
                1e-6,
                1e-3,
                false,
                null,
                DiffusionForm.SIGMA,
                1,
                LastStep.MEAN,
                0.04);
    }

    /** An SDE sampler with all else at its default. */
    public static SamplerConfig sde(SdeMethod method, int numSteps, DiffusionForm form) {
        return new SamplerConfig(
                SamplerMode.SDE, method.label(), numSteps, 1e-6, 1e-3, false, null, form, 1, LastStep.MEAN, 0.04);
    }

    /** The last step size, 0 if there is no last step. */
    public double effectiveLastStepSize() {
        return lastStep == LastStep.NONE ? 0 : lastStepSize;
    }

    /** The bound of the predicted data, 0 if there is none. */
    public double effectiveClamp() {
        return clampPred == null ? 0 : Math.max(0, clampPred);
    }
}
