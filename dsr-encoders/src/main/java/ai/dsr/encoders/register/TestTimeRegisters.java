// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.encoders.vit.MlpHook;
import ai.dsr.encoders.vit.PatchGrid;
import ai.dsr.encoders.vit.ViTBackbone;
import ai.dsr.encoders.vit.ViTEncoder;
import java.util.List;

/**
 * A vision transformer with a register plan at work: rows of zeros stand behind its patches, take part in attention like
 * any token, and receive the activation of the plan's neurons.
 *
 * <p>The network keeps its weights; what is around it does not see a difference, except for {@link #suffixTokens}.
 */
public final class TestTimeRegisters implements ViTBackbone {
    private final ViTBackbone network;
    private final int appended;
    private final RegisterHook registers;

    private TestTimeRegisters(ViTBackbone network, RegisterPlan plan, int appended) {
        int depth = network.depth();
        plan.neurons().byLayer().keySet().forEach(layer -> {
            if (layer >= depth) {
                throw new IllegalArgumentException("register plan: expected layers below " + depth + ", got " + layer
                        + "; is it a plan for this encoder?");
            }
        });
        this.network = network;
        this.appended = appended;
        registers = new RegisterHook(plan, network.prefixTokens());
    }

    /**
     * The network with a plan at work.
     *
     * @throws IllegalArgumentException if the plan has layers that the network has not, or the network already runs one
     */
    public static TestTimeRegisters of(ViTBackbone network, RegisterPlan plan) {
        if (network.suffixTokens() > 0) {
            throw new IllegalArgumentException(
                    "register plan: expected a network without test-time registers, got one with "
                            + network.suffixTokens() + "; merge the plans");
        }
        return new TestTimeRegisters(network, plan, plan.numRegisters());
    }

    /** An encoder whose network runs a plan; its tokens are those of the patches, as before. */
    public static ViTEncoder of(ViTEncoder encoder, RegisterPlan plan) {
        return encoder.over(of(encoder.backbone(), plan));
    }

    /**
     * The second pass of the released search: no row is added, so the last patches play the registers. Kept to reproduce
     * published plans; {@link #of} is the useful one.
     */
    public static TestTimeRegisters withoutRows(ViTBackbone network, RegisterPlan plan) {
        return new TestTimeRegisters(network, plan, 0);
    }

    /** The network behind it. */
    public ViTBackbone network() {
        return network;
    }

    @Override
    public NDArray embed(NDArray pixels) {
        try (TensorScope scope = TensorScope.under(pixels.getManager())) {
            NDArray x = network.embed(scope.borrow(pixels)); // (B, T, D)
            if (appended == 0) {
                return scope.keep(x);
            }
            NDArray rows = scope.manager().zeros(new Shape(1, appended, network.width()), DataType.FLOAT32);
            return scope.keep(Kernels.insertRows(x, rows, x.getShape().get(1))); // (B, T + R, D)
        }
    }

    @Override
    public NDArray forward(NDArray x, PatchGrid grid, int count, MlpHook hook) {
        return network.forward(x, grid, count, registersThen(hook));
    }

    @Override
    public List<NDArray> hiddenStates(NDArray x, PatchGrid grid, MlpHook hook) {
        return network.hiddenStates(x, grid, registersThen(hook));
    }

    @Override
    public NDArray attentionWeights(NDArray x, PatchGrid grid, int layer) {
        return network.attentionWeights(x, grid, layer);
    }

    private MlpHook registersThen(MlpHook hook) {
        return (layer, activation) -> hook.apply(layer, registers.apply(layer, activation));
    }

    @Override
    public PatchGrid grid(NDArray pixels) {
        return network.grid(pixels);
    }

    @Override
    public NDArray norm(NDArray x, boolean isAffine) {
        return network.norm(x, isAffine);
    }

    @Override
    public int depth() {
        return network.depth();
    }

    @Override
    public boolean hasClassToken() {
        return network.hasClassToken();
    }

    @Override
    public int prefixTokens() {
        return network.prefixTokens();
    }

    @Override
    public int suffixTokens() {
        return network.suffixTokens() + appended;
    }

    @Override
    public int patchSize() {
        return network.patchSize();
    }

    @Override
    public int width() {
        return network.width();
    }
}
