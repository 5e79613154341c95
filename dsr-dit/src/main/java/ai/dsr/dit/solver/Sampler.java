// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.dit.transport.DiffusionForm;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.Phase;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.TimeInterval;
import ai.dsr.dit.transport.Transport;

/**
 * Samples latents: a transport, a way to walk, and, for each call, a denoiser, which may be a guided one.
 *
 * <p>Options that cannot work together are refused in the constructor, before any model is evaluated.
 */
public final class Sampler {
    private final Transport transport;
    private final SamplerConfig config;
    private final TimeInterval interval;
    private final TimeGrid grid;

    /**
     * Joins a transport and a sampler.
     *
     * @throws IllegalArgumentException if the sampler's options do not suit the path or the prediction
     */
    public Sampler(Transport transport, SamplerConfig config) {
        this.transport = transport;
        this.config = config;
        interval = config.mode() == SamplerMode.ODE
                ? transport.odeInterval(Phase.SAMPLING)
                : transport.sdeInterval(Phase.SAMPLING, config.diffusionForm(), config.effectiveLastStepSize());
        if (!(interval.start() < interval.end())) {
            throw new IllegalArgumentException("last_step_size: expected times to remain, got the interval "
                    + interval.start() + " to " + interval.end() + "; lower last_step_size or sample_eps");
        }
        TimeGrid falling =
                TimeGrid.falling(interval, config.numSteps(), transport.config().timeDistShift());
        grid = config.reverse() ? falling.reversed() : falling;
        if (config.mode() == SamplerMode.SDE) {
            checkSde();
        } else {
            checkOde();
        }
    }

    /** The times that sampling visits, in order. */
    public TimeGrid grid() {
        return grid;
    }

    /**
     * Samples with a denoiser and its conditions.
     *
     * @param model the denoiser
     * @param x initial state {@code (B, C, S, S)}: noise, or data if the sampler is reversed; left as it is
     * @param y conditions: labels {@code (B)} int64 or rows {@code (B, L, Z)}
     * @param noise draws for each interval of an SDE; not asked by an ODE, for which it may be null
     * @param listener hears of each state
     */
    public Solution sample(Denoiser model, NDArray x, NDArray y, NoiseSource noise, StepListener listener) {
        model.conditioning().require(y, x.getShape().get(0));
        Predictor predictor = (state, t) -> model.forward(state, t, TensorScope.view(y, state.getManager()));
        return sample(predictor, x, noise, listener);
    }

    /** Samples with a denoiser whose condition is already given; arguments as above. */
    public Solution sample(Predictor model, NDArray x, NoiseSource noise, StepListener listener) {
        if (config.mode() == SamplerMode.SDE) {
            if (noise == null) {
                throw new IllegalArgumentException("noise: expected a source for mode SDE, got none");
            }
            ModelField field = new ModelField(transport, model, 0);
            return new SdeSolver(config).solve(field, x, grid, (float) (1 - interval.end()), noise, listener);
        }
        ModelField field = new ModelField(transport, model, config.effectiveClamp());
        OdeMethod method = OdeMethod.of(config.samplingMethod());
        return method == OdeMethod.DPMPP_2M
                ? DpmSolver.solve(field, x, grid, listener)
                : OdeSolver.of(method, config.atol(), config.rtol()).solve(field::drift, x, grid, listener);
    }

    private void checkSde() {
        PathType path = transport.config().pathType();
        if (config.diffusionForm() == DiffusionForm.SBDM && path != PathType.VP) {
            throw new IllegalArgumentException("diffusion_form: expected another form than SBDM on the " + path.label()
                    + " path, where its diffusion is negative, got SBDM; use sigma, linear or decreasing");
        }
        if (config.effectiveClamp() > 0) {
            throw new IllegalArgumentException(
                    "clamp_pred: expected none for mode SDE, got " + config.clampPred() + "; use mode ODE");
        }
        double end = 1 - interval.end();
        boolean needsScoreAtEnd = config.lastStep() == LastStep.NONE
                ? SdeMethod.of(config.samplingMethod()) == SdeMethod.HEUN
                : config.lastStep() != LastStep.EULER;
        if (end == 0 && needsScoreAtEnd) {
            throw new IllegalArgumentException(
                    "last_step_size: expected a time before the data for the last score, got "
                            + "t = 0, where there is none; set last_step to Mean and last_step_size to 0.04");
        }
    }

    private void checkOde() {
        Prediction prediction = transport.config().prediction();
        if (OdeMethod.of(config.samplingMethod()) == OdeMethod.DPMPP_2M) {
            checkDpm(prediction);
        }
        if (config.effectiveClamp() > 0 && prediction != Prediction.DATA) {
            throw new IllegalArgumentException("clamp_pred: expected none with " + prediction.label()
                    + " prediction, got " + config.clampPred() + "; it bounds predicted data");
        }
    }

    private void checkDpm(Prediction prediction) {
        if (config.reverse()) {
            throw new IllegalArgumentException("reverse: expected false for dpmpp_2m, which divides by the noise that "
                    + "the data does not have, got true; use ab2 or heun2");
        }
        boolean isIndirect = prediction == Prediction.NOISE || prediction == Prediction.SCORE;
        if (isIndirect && transport.config().pathType() == PathType.VP) {
            throw new IllegalArgumentException("sampling_method: expected another method than dpmpp_2m with "
                    + prediction.label() + " prediction on the VP path, which starts where the noise says nothing "
                    + "about the data, got dpmpp_2m; use ab2 or heun2");
        }
    }
}
