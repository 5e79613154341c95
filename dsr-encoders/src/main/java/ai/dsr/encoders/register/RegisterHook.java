// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.RegisterKernels;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.encoders.vit.MlpHook;
import java.util.Collections;
import java.util.List;

/** Moves the activation of a plan's neurons onto the last rows; layers that the plan does not list pass unchanged. */
final class RegisterHook implements MlpHook {
    private final RegisterPlan plan;
    private final int kept;

    /**
     * A hook for one network.
     *
     * @param prefixTokens class and register tokens in front of the network's patches
     */
    RegisterHook(RegisterPlan plan, int prefixTokens) {
        this.plan = plan;
        kept = Math.max(prefixTokens, plan.keepsFirstPatch() ? 1 : 0);
    }

    @Override
    public NDArray apply(int layer, NDArray activation) {
        List<Integer> neurons = plan.neurons().byLayer().get(layer);
        if (neurons == null) {
            return activation;
        }
        long width = activation.getShape().get(2);
        int highest = Collections.max(neurons);
        if (highest >= width) {
            throw new IllegalArgumentException("register plan: layer " + layer + ": expected neurons below " + width
                    + ", got " + highest + "; is it a plan for this encoder?");
        }
        NDManager manager = activation.getManager();
        return RegisterKernels.moveToRegisters(
                activation,
                EngineArray.of(
                        manager, neurons.stream().mapToLong(Integer::longValue).toArray()),
                EngineArray.of(manager, plan.scaleOfEach()),
                kept,
                plan.fill(),
                plan.isSequential());
    }
}
