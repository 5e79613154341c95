// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.nn.Activation;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.vit.Dinov2Config.Variant;

/** Networks of width 16 with random weights: patch 4, positions of a 3 x 3 grid, three blocks. */
final class TinyDinov2 {
    static final int SIDE = 12;

    private TinyDinov2() {}

    static Dinov2Config config(Variant variant, boolean swiGlu) {
        int registers = variant == Variant.REGISTERS ? 4 : 0;
        return new Dinov2Config(variant, 16, 3, 2, 2, swiGlu, Activation.GELU, 1e-6, SIDE, 4, 3, true, registers);
    }

    static ViT network(NDManager weights, Variant variant) {
        ViT network = new ViT(config(variant, false).network());
        network.initialize(weights, SeedTree.of(3));
        weights.cap();
        return network;
    }
}
