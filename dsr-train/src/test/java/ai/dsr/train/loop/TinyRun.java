// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Config;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.train.data.LatentCache;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.data.LatentKey;
import ai.dsr.train.data.NumberedImages;
import ai.dsr.train.data.ShardEncoder;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.DenoiserTask;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A denoiser of width 16 and ten latents of random numbers, each a function of fixed seeds. */
final class TinyRun {
    static final int SAMPLES = 10;
    private static final Shape LATENT = new Shape(3, 4, 4);

    private TinyRun() {}

    /** A training section in YAML. */
    static TrainingConfig training(String yaml) {
        return Config.parse("training: " + yaml, "tiny.yaml").bind("training", TrainingConfig.class);
    }

    /** The task with its model and data in {@code manager}; latents are cached in {@code folder}. */
    static DenoiserTask task(NDManager manager, Path folder, int width) {
        LightningDiT model = new LightningDiT(DiTConfig.of(4, 3, 2, width, 2, 2).withRegisters(4, 1));
        model.initialize(manager, SeedTree.of(1));
        LatentKey key = new LatentKey(Map.of("data", "tiny"));
        ShardEncoder encoder = new ShardEncoder(new NumberedImages(SAMPLES), 1, 0, TinyRun::encode);
        LatentCache cache = LatentCache.open(folder, key, SAMPLES, DataType.FLOAT16, manager, encoder);
        int[] all = IntStream.range(0, SAMPLES).toArray();
        int[] labels = IntStream.range(0, SAMPLES).map(i -> i % 2).toArray();
        LatentData data = new LatentData(cache, LatentNormalizer.none(), all, labels, 0);
        Transport transport = new Transport(
                TransportConfig.of(PathType.LINEAR, Prediction.DATA).withTimeDistType("logit-normal_0_1"));
        return DenoiserTask.ofClasses(model, transport, data, 5, file -> {});
    }

    static DenoiserTask task(NDManager manager, Path folder) {
        return task(manager, folder, 16);
    }

    private static NDArray encode(NDManager manager, List<RgbImage> images) {
        int each = Math.toIntExact(LATENT.size());
        float[] values = new float[images.size() * each];
        for (int i = 0; i < images.size(); i++) {
            SeedTree.of(2).at(NumberedImages.number(images.get(i))).stream().fillNormal(values, i * each, each);
        }
        return manager.create(values, new Shape(images.size()).addAll(LATENT));
    }

    /** The task with another loss from one step on. */
    static TrainTask from(long step, TrainTask task, UnaryOperator<NDArray> loss) {
        return new TrainTask() {
            @Override
            public Layer model() {
                return task.model();
            }

            @Override
            public int sampleCount() {
                return task.sampleCount();
            }

            @Override
            public NDArray trace(NDManager manager, Batch batch, BiConsumer<String, NDArray> tap) {
                NDArray plain = task.loss(manager, batch);
                return batch.step() < step ? plain : loss.apply(plain);
            }

            @Override
            public void preview(Path file) {
                task.preview(file);
            }
        };
    }
}
