// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDList;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslatorContext;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** DJL Serving: the JSON of a {@link DrawRequest} to one PNG, or to the JSON {@code {"images": [base64, ...]}} of several. */
final class ServingTranslator implements NoBatchifyTranslator<Input, Output> {
    @Override
    public NDList processInput(TranslatorContext context, Input input) {
        DrawRequest request = DrawRequest.parse(input.getData().getAsBytes());
        return new NDList(DrawTranslator.encode(context.getNDManager(), request));
    }

    @Override
    public Output processOutput(TranslatorContext context, NDList outputs) {
        List<RgbImage> images = DrawTranslator.images(outputs);
        Output output = new Output();
        if (images.size() == 1) {
            output.addProperty("Content-Type", "image/png");
            output.add(ImageCodec.encodePng(images.get(0)));
            return output;
        }
        Base64.Encoder base64 = Base64.getEncoder();
        List<String> encoded = images.stream()
                .map(image -> base64.encodeToString(ImageCodec.encodePng(image)))
                .toList();
        output.addProperty("Content-Type", "application/json");
        output.add(Json.canonical(Map.of("images", encoded)));
        return output;
    }
}
