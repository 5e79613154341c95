// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.dit.transport.DiffusionForm;
import ai.dsr.dit.transport.PerSample;
import ai.dsr.dit.transport.Transport;

/** A denoiser seen through its transport; counts the evaluations of one run. */
final class ModelField {
    private final Transport transport;
    private final Predictor model;
    private final double clamp;
    private int evaluations;

    /** A field; a positive {@code clamp} bounds the elements of the raw output. */
    ModelField(Transport transport, Predictor model, double clamp) {
        this.transport = transport;
        this.model = model;
        this.clamp = clamp;
    }

    int evaluations() {
        return evaluations;
    }

    Transport transport() {
        return transport;
    }

    static NDArray times(NDArray x, float t) {
        return x.getManager().full(new Shape(x.getShape().get(0)), t);
    }

    private NDArray output(NDArray x, NDArray t) {
        evaluations++;
        NDArray output = model.predict(x, t);
        return clamp > 0 ? output.clip(-clamp, clamp) : output;
    }

    /** The drift of the ODE at {@code x (B, ...)}. */
    NDArray drift(NDArray x, float time) {
        NDArray t = times(x, time);
        return transport.drift(output(x, t), x, t);
    }

    /** The predicted data at {@code x (B, ...)}. */
    NDArray data(NDArray x, float time) {
        NDArray t = times(x, time);
        return transport.data(output(x, t), x, t);
    }

    /** The score at {@code x (B, ...)}. */
    NDArray score(NDArray x, float time) {
        NDArray t = times(x, time);
        return transport.score(output(x, t), x, t);
    }

    /** The drift of the SDE, {@code drift - d score}, at {@code x (B, ...)}: both from one evaluation. */
    NDArray reverseDrift(NDArray x, float time, DiffusionForm form, double norm) {
        NDArray t = times(x, time);
        NDArray output = output(x, t);
        NDArray d = PerSample.over(form.at(transport.path(), t, norm), x);
        return transport.drift(output, x, t).sub(transport.score(output, x, t).mul(d));
    }
}
