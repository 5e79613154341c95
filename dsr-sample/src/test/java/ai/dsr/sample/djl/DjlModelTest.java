// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.TranslateException;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.kernel.Torch;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.Drawn;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DjlModelTest {
    @TempDir
    private static Path root;

    private static Path text;

    @BeforeAll
    static void write() {
        Torch.newManager().close();
        text = TinyProject.writeText(root);
    }

    private static <I, O> Criteria<I, O> criteria(Path bundle, Class<I> input, Class<O> output) {
        return Criteria.builder()
                .setTypes(input, output)
                .optModelPath(bundle)
                .optEngine("PyTorch")
                .optOption("hasParameter", "false")
                .optArgument("blockFactory", "ai.dsr.sample.djl.PipelineBlockFactory")
                .optTranslatorFactory(new DrawTranslatorFactory())
                .build();
    }

    @Test
    void aPredictorDrawsWhatThePipelineDraws() throws Exception {
        try (ZooModel<DrawRequest, Drawn> model =
                        criteria(text, DrawRequest.class, Drawn.class).loadModel();
                Predictor<DrawRequest, Drawn> predictor = model.newPredictor();
                TextToImage pipeline = TextToImage.load(text)) {
            Drawn drawn = predictor.predict(DrawRequest.ofPrompt("a cat", 2, 7));
            assertEquals(pipeline.generate(TextRequest.of("a cat", 2, 7)), drawn.images());
            assertEquals(3, drawn.evaluations());
            TranslateException error =
                    assertThrows(TranslateException.class, () -> predictor.predict(DrawRequest.ofClass(1, 1, 7)));
            assertTrue(error.getMessage().contains("request: expected a prompt, got class 1"), error.getMessage());
        }
    }

    @Test
    void aServedBundleAnswersJsonWithPictures() throws Exception {
        Path bundle = root.resolve("bundle");
        AtomicFiles.writeString(
                bundle.resolve("serving.properties"),
                """
                engine=PyTorch
                option.hasParameter=false
                blockFactory=ai.dsr.sample.djl.PipelineBlockFactory
                translatorFactory=ai.dsr.sample.djl.DrawTranslatorFactory
                """);
        Criteria<Input, Output> criteria = Criteria.builder()
                .setTypes(Input.class, Output.class)
                .optModelPath(bundle)
                .build();
        try (ZooModel<Input, Output> model = criteria.loadModel();
                Predictor<Input, Output> predictor = model.newPredictor();
                ClassToImage pipeline = ClassToImage.load(bundle)) {
            Output one = predictor.predict(input("{\"class\": 1, \"seed\": 5}"));
            assertEquals("image/png", one.getProperty("Content-Type", ""));
            assertEquals(
                    pipeline.generate(SampleRequest.of(1, 1, 5)).get(0),
                    ImageCodec.read(one.getData().getAsBytes(), "answer"));
            Output two = predictor.predict(input("{\"class\": 1, \"seed\": 5, \"count\": 2}"));
            String second = Json.parse(two.getData().getAsBytes(), JsonNode.class, "answer")
                    .path("images")
                    .get(1)
                    .asText();
            assertEquals(
                    pipeline.generate(SampleRequest.of(1, 2, 5)).get(1),
                    ImageCodec.read(Base64.getDecoder().decode(second), "answer"));
        }
    }

    private static Input input(String json) {
        Input input = new Input();
        input.add(json.getBytes(StandardCharsets.UTF_8));
        return input;
    }

    @Test
    void requestsThatSayNothingOrTooMuchAreRefused() {
        assertEquals("request: expected a prompt or a class, got neither", refused("{}"));
        assertEquals(
                "request: expected a prompt or a class, got both \"a cat\" and 1",
                refused("{\"prompt\": \"a cat\", \"class\": 1}"));
        assertEquals("count: expected 1 or more images, got 0", refused("{\"class\": 1, \"count\": 0}"));
        assertEquals("seed: expected a whole number, got \"x\"", refused("{\"class\": 1, \"seed\": \"x\"}"));
        assertTrue(refused("{\"class\": 1, \"size\": 2}").endsWith("got size"));
    }

    private static String refused(String json) {
        return assertThrows(
                        IllegalArgumentException.class, () -> DrawRequest.parse(json.getBytes(StandardCharsets.UTF_8)))
                .getMessage();
    }
}
