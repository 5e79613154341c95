// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.train.data.LatentSource;

/**
 * Random latents in the place of encoded images.
 *
 * @param size how many
 * @param sampleShape {@code (C, H, W)}
 */
record BenchLatents(int size, Shape sampleShape) implements LatentSource {
    @Override
    public NDArray gather(NDManager manager, int[] samples) {
        int each = Math.toIntExact(sampleShape.size());
        float[] values = new float[each * samples.length];
        for (int i = 0; i < samples.length; i++) {
            SeedTree.of(0).child("latents").at(samples[i]).stream().fillNormal(values, i * each, each);
        }
        return EngineArray.of(manager, values, new Shape(samples.length).addAll(sampleShape));
    }
}
