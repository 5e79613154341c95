// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.djl;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.BlockFactory;
import ai.dsr.core.kernel.Torch;
import ai.dsr.sample.bundle.Bundle;
import java.nio.file.Path;
import java.util.Map;

/** Opens a bundle as a DJL block, on the model's device; named in {@code blockFactory}. */
public final class PipelineBlockFactory implements BlockFactory {
    private static final long serialVersionUID = 1L;

    @Override
    public Block newBlock(Model model, Path modelPath, Map<String, ?> arguments) {
        return new PipelineBlock(
                Bundle.open(modelPath), Torch.newManager(model.getNDManager().getDevice()));
    }
}
