// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.sample.images.Images;
import ai.dsr.sample.pipeline.Drawn;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Requests to pictures in Java's own terms. */
final class DrawTranslator implements NoBatchifyTranslator<DrawRequest, Drawn> {
    @Override
    public NDList processInput(TranslatorContext context, DrawRequest request) {
        return new NDList(encode(context.getNDManager(), request));
    }

    static NDArray encode(NDManager manager, DrawRequest request) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (request.prompt() != null) {
            json.put("prompt", request.prompt());
        } else {
            json.put("class", request.label());
        }
        json.put("count", request.count());
        json.put("seed", request.seed());
        return PipelineBlock.encode(manager, Json.canonical(json));
    }

    @Override
    public Drawn processOutput(TranslatorContext context, NDList outputs) {
        return new Drawn(images(outputs), outputs.get(1).toIntArray()[0]);
    }

    /** The pictures that the block gave. */
    static List<RgbImage> images(NDList outputs) {
        return Images.ofBytes(outputs.get(0));
    }
}
