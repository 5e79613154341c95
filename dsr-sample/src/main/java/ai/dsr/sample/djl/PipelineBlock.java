// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.Drawn;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.sample.pipeline.TextToImage;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A whole pipeline as one DJL block: the JSON of a {@link DrawRequest} as bytes in, pixels {@code (n, H, W, 3)} uint8 and
 * the number of evaluations out.
 *
 * <p>Calls are drawn one after the other, whatever the number of predictors.
 */
final class PipelineBlock extends AbstractBlock {
    private final Experiment experiment;
    private final ClassToImage byClass;
    private final TextToImage byPrompt;

    /** Opens the pipeline of a bundle on the device of a manager, which it closes. */
    PipelineBlock(Bundle bundle, NDManager manager) {
        experiment = bundle.experiment();
        boolean isText = experiment.isTextToImage();
        byPrompt = isText ? TextToImage.load(bundle, manager) : null;
        byClass = isText ? null : ClassToImage.load(bundle, manager);
    }

    @Override
    protected synchronized NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        NDArray json = inputs.head();
        Drawn drawn = draw(DrawRequest.parse(json.toByteArray()));
        return pixels(json.getManager(), drawn);
    }

    private Drawn draw(DrawRequest request) {
        if (byPrompt != null) {
            if (request.prompt() == null) {
                throw new IllegalArgumentException("request: expected a prompt, got class " + request.label());
            }
            return byPrompt.generate(request.toText(), experiment.sampler(), experiment.guidance(), Progress.silent());
        }
        if (request.label() == null) {
            throw new IllegalArgumentException(
                    "request: expected a class, got the prompt \"" + request.prompt() + "\"");
        }
        SampleRequest sample = SampleRequest.of(request.label(), request.count(), request.seed());
        return byClass.draw(0, sample, experiment.sampler(), experiment.guidance(), Progress.silent());
    }

    private static NDList pixels(NDManager manager, Drawn drawn) {
        List<RgbImage> images = drawn.images();
        RgbImage first = images.get(0);
        int each = first.width() * first.height() * RgbImage.CHANNELS;
        byte[] bytes = new byte[each * images.size()];
        for (int i = 0; i < images.size(); i++) {
            images.get(i).copyTo(bytes, i * each);
        }
        Shape shape = new Shape(images.size(), first.height(), first.width(), RgbImage.CHANNELS);
        return new NDList(EngineArray.of(manager, bytes, shape), EngineArray.scalar(manager, drawn.evaluations()));
    }

    /** A request as the block takes it. */
    static NDArray encode(NDManager manager, String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return EngineArray.of(manager, bytes, new Shape(bytes.length));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return new Shape[] {new Shape(-1, -1, -1, RgbImage.CHANNELS), new Shape()};
    }

    /** Called by DJL when the model closes. */
    @Override
    public void clear() {
        if (byPrompt != null) {
            byPrompt.close();
        } else {
            byClass.close();
        }
        super.clear();
    }
}
