// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.Collections;

/** Whole-list updates of the optimiser, each one native call whatever the number of weights. */
public final class OptimizerKernels {
    private OptimizerKernels() {}

    /** Euclidean norm over all elements of all arrays, a scalar in the manager of the first. */
    public static NDArray globalNorm(NDList arrays) {
        return ScriptModule.run(arrays.get(0).getManager(), "global_norm", ScriptModule.list(arrays))
                .get(0);
    }

    /**
     * All arrays times {@code min(1, max / (norm + 1e-6))}, the clipping rule of PyTorch, as new arrays: gradients of
     * two weights that are only ever added up are one and the same tensor, which a change in place would scale twice.
     */
    public static NDList clipped(NDList arrays, NDArray norm, double max) {
        return ScriptModule.run(
                arrays.get(0).getManager(),
                "clipped",
                ScriptModule.list(arrays),
                IValue.from((PtNDArray) norm),
                IValue.from(max));
    }

    /** All arrays times a factor, as new arrays. */
    public static NDList scaled(NDList arrays, double factor) {
        return ScriptModule.run(arrays.get(0).getManager(), "scaled", ScriptModule.list(arrays), IValue.from(factor));
    }

    /** Adds to each array its counterpart. */
    public static void addInPlace(NDList arrays, NDList others) {
        runInPlace("add_in_place", arrays, ScriptModule.list(others));
    }

    /** Moves each array towards its counterpart: {@code a + weight (b - a)}. */
    public static void lerpInPlace(NDList arrays, NDList others, double weight) {
        runInPlace("lerp_in_place", arrays, ScriptModule.list(others), IValue.from(weight));
    }

    /** Overwrites each array with its counterpart. */
    public static void copyInPlace(NDList arrays, NDList others) {
        runInPlace("copy_in_place", arrays, ScriptModule.list(others));
    }

    /**
     * One AdamW update (Loshchilov and Hutter, 2019) of all weights.
     *
     * @param weights the weights, changed
     * @param gradients their gradients
     * @param moments first and second moments, changed
     * @param step the number of this update, from 1, as a float32 scalar on the weights' device
     * @param rule rates and constants
     */
    public static void adamWInPlace(
            NDList weights, NDList gradients, AdamWMoments moments, NDArray step, AdamWRule rule) {
        NDList steps = new NDList(Collections.nCopies(weights.size(), step));
        runInPlace(
                "adamw_in_place",
                weights,
                ScriptModule.list(gradients),
                ScriptModule.list(moments.first()),
                ScriptModule.list(moments.second()),
                ScriptModule.list(steps),
                IValue.from(rule.learningRate()),
                IValue.from(rule.beta1()),
                IValue.from(rule.beta2()),
                IValue.from(rule.weightDecay()),
                IValue.from(rule.eps()));
    }

    private static void runInPlace(String method, NDList arrays, IValue... rest) {
        IValue[] all = new IValue[rest.length + 1];
        all[0] = ScriptModule.list(arrays);
        System.arraycopy(rest, 0, all, 1, rest.length);
        ScriptModule.run(arrays.get(0).getManager(), method, all);
    }

    /** First and second moments, one array a weight. */
    public record AdamWMoments(NDList first, NDList second) {}

    /** The numbers of one AdamW update; the decay is decoupled: {@code p (1 - lr weightDecay)} before the step. */
    public record AdamWRule(double learningRate, double beta1, double beta2, double eps, double weightDecay) {}
}
