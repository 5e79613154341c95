// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.inference.Predictor;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.config.ConditionerConfig;
import ai.dsr.sample.djl.DrawRequest;
import ai.dsr.sample.djl.DrawTranslatorFactory;
import ai.dsr.sample.pipeline.Drawn;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A denoiser whose captions a frozen language model reads, by the commands, on a project of width 16. */
class ConditionerCommandsTest {
    private static final String READER = "conditioner: {path: qwen, max_length: 8}";
    private static final List<String> HEAD =
            List.of("latent_queries", "diff_head_projector.weight", "diff_head_projector.bias");

    @TempDir
    private static Path root;

    private static Path run;

    private static String dsr(int code, Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Stream.of(args).map(Object::toString).toArray(String[]::new);
        assertEquals(code, Dsr.execute(new PrintWriter(out, true), new PrintWriter(err, true), texts), err::toString);
        return out.toString() + err;
    }

    /** Trains {@code runs/NAME} with some values replaced. */
    private static Path train(String name, String reader, String... values) {
        Path config = TinyFiles.writeText(root, name, reader);
        dsr(0, arguments(config, values));
        return root.resolve("runs").resolve(name);
    }

    private static Object[] arguments(Path config, String... values) {
        Stream<String> sets = Stream.of(values)
                .flatMap(value -> value.equals("--resume") ? Stream.of(value) : Stream.of("--set", value));
        return Stream.concat(Stream.of("train", config), sets).toArray();
    }

    private static byte[] weights(Path run, int step) throws IOException {
        return Files.readAllBytes(run.resolve("checkpoints/step-" + step + "/model.safetensors"));
    }

    @BeforeAll
    static void trainTheModel() {
        TinyFiles.write(root);
        TinyFiles.writeLanguageModel(root, 1);
        dsr(0, "train-decoder", root.resolve("decoder.yaml"));
        run = train("mq", READER);
    }

    @Test
    void whatTrainsIsStoredAndTheLanguageModelIsNot() {
        for (String file : List.of("model", "ema")) {
            StateDict stored = SafeTensors.read(run.resolve("checkpoints/step-3/" + file + ".safetensors"));
            assertEquals(
                    HEAD,
                    List.copyOf(
                            stored.without("denoiser.").under("conditioner.").names()));
            assertTrue(stored.names().stream().noneMatch(name -> name.contains("self_attn")), file);
        }
        assertTrue(ImageCodec.read(run.resolve("samples/step-0000002.png")).width() >= 28);
    }

    @Test
    void aRunThatWasStoppedEndsWithTheSameWeights() throws IOException {
        Path stopped = train("stopped", READER, "training.steps=2", "training.checkpoint_steps=2");
        dsr(0, arguments(root.resolve("stopped.yaml"), "--resume", "training.checkpoint_steps=2"));
        assertArrayEquals(weights(run, 3), weights(stopped, 3));
    }

    @Test
    void segmentsChangeNoWeight() throws IOException {
        assertArrayEquals(weights(run, 3), weights(train("segments", READER, "training.checkpoint_segments=2"), 3));
        Path plain = train("plain", "connector: {rows: 2, hidden_size: 16, num_heads: 2}");
        Path segments = train(
                "segments2", "connector: {rows: 2, hidden_size: 16, num_heads: 2}", "training.checkpoint_segments=2");
        assertArrayEquals(weights(plain, 3), weights(segments, 3));
    }

    @Test
    void otherPrecisionsAndTheCheckOfResumingTakeTheLanguageModelAlong() throws IOException {
        Path narrow = train("narrow", READER, "training.precision=bf16");
        assertNotEquals(new String(weights(run, 3), ISO_8859_1), new String(weights(narrow, 3), ISO_8859_1));
        dsr(0, "verify-resume", root.resolve("mq.yaml"), "--steps", 1, "--more", 1);
    }

    @Test
    void aPromptIsDrawnExportedAndRemadeFromABundle() throws IOException {
        Path bundle = root.resolve("bundle");
        Path out = root.resolve("out");
        dsr(0, "bundle", run, "--out", bundle);
        assertEquals(
                root.resolve("qwen").toRealPath(),
                bundle.resolve(conditioner(bundle).path()).toRealPath(),
                "the language model stays where it is");
        dsr(0, "sample", bundle, "--prompt", "a picture of apples", "--count", 2, "--seed", 5, "--out", out);
        Path second = out.resolve("00000-001-a-picture-of-apples.png");
        String remade = dsr(0, "remake", second, "--bundle", bundle, "--out", root.resolve("again.png"));
        assertTrue(remade.contains("all 784 as before"), remade);
        try (TextToImage pipeline = TextToImage.load(bundle)) {
            assertEquals(
                    ImageCodec.read(second),
                    pipeline.generate(TextRequest.of("a picture of apples", 2, 5))
                            .get(1));
        }
        Path metadata = root.resolve("evaluation_metadata.jsonl");
        Files.writeString(metadata, "{\"tag\": \"colors\", \"include\": [], \"prompt\": \"apples\"}\n");
        dsr(0, "export", "geneval", metadata, bundle, "--out", root.resolve("geneval"), "--count", 1, "--steps", 2);
        dsr(0, "retrieval", run, "--count", 2, "--steps", 2, "--out", root.resolve("retrieval"));
        dsr(0, "inspect", run, "--images", root.resolve("images"), "--levels", 0.5, "--out", root.resolve("looks"));

        byte[] language = Files.readAllBytes(root.resolve("qwen/model.safetensors"));
        TinyFiles.writeLanguageModel(root, 2);
        String other = dsr(2, "sample", bundle, "--prompt", "apples", "--out", out);
        assertTrue(other.contains("text.conditioner: expected the one of training, "), other);
        String resumed = dsr(2, arguments(root.resolve("mq.yaml"), "--resume", "training.steps=4"));
        assertTrue(resumed.contains("text.conditioner.path/model.safetensors"), resumed);
        Files.write(root.resolve("qwen/model.safetensors"), language);
    }

    @Test
    void aPredictorOfDjlDrawsWhatThePipelineDraws() throws Exception {
        Criteria<DrawRequest, Drawn> criteria = Criteria.builder()
                .setTypes(DrawRequest.class, Drawn.class)
                .optModelPath(run)
                .optEngine("PyTorch")
                .optOption("hasParameter", "false")
                .optArgument("blockFactory", "ai.dsr.sample.djl.PipelineBlockFactory")
                .optTranslatorFactory(new DrawTranslatorFactory())
                .build();
        try (ZooModel<DrawRequest, Drawn> model = criteria.loadModel();
                Predictor<DrawRequest, Drawn> predictor = model.newPredictor();
                TextToImage pipeline = TextToImage.load(run)) {
            assertEquals(
                    pipeline.generate(TextRequest.of("of berries", 2, 7)),
                    predictor.predict(DrawRequest.ofPrompt("of berries", 2, 7)).images());
        }
    }

    private static ConditionerConfig conditioner(Path bundle) {
        return Bundle.open(bundle).experiment().text().conditioner();
    }

    /** The first step moves only the last layer, which starts at zero: the head is as it was read. */
    @Test
    void trainingStartsFromATrainedHead() throws IOException {
        Path trained = run.resolve("checkpoints/step-3/model.safetensors");
        Path next = train(
                "next",
                "conditioner: {path: qwen, max_length: 8, head_path: \"" + trained + "\"}",
                "training.steps=1",
                "training.sample_every=0",
                "training.checkpoint_steps=1");
        StateDict before = SafeTensors.read(trained).under("conditioner.");
        StateDict after = SafeTensors.read(next.resolve("checkpoints/step-1/model.safetensors"))
                .under("conditioner.");
        StateDict fresh = SafeTensors.read(train("first", READER, "training.steps=1", "training.checkpoint_steps=1")
                        .resolve("checkpoints/step-1/model.safetensors"))
                .under("conditioner.");
        for (String name : HEAD) {
            assertEquals(before.get(name).bytes(), after.get(name).bytes(), name);
            assertNotEquals(before.get(name).bytes(), fresh.get(name).bytes(), name + " has trained since");
        }
        Path bundle = root.resolve("next-bundle");
        dsr(0, "bundle", next, "--out", bundle);
        assertEquals(null, conditioner(bundle).headPath());
        String message = dsr(
                2,
                arguments(TinyFiles.writeText(
                        root, "wrong", "conditioner: {path: qwen, num_queries: 2, head_path: \"" + trained + "\"}")));
        assertTrue(message.contains("latent_queries: expected (2, 16), got (4, 16)"), message);
    }

    @Test
    void whatTextModelsCannotDoIsRefusedAtTheStart() {
        Path config = TinyFiles.writeText(root, "refused", READER);
        String evaluated = dsr(2, arguments(config, "eval={eval_interval: 2, eval_model: false}"));
        assertTrue(evaluated.contains("eval.eval_interval: expected 0 for text-to-image"), evaluated);
        String guided = dsr(2, arguments(config, "guidance={method: autoguidance, scale: 2.0}"));
        assertTrue(guided.contains("guidance.method: expected cfg for text-to-image, got autoguidance"), guided);
        String stored = dsr(2, arguments(config, "data={type: latents, path: x}"));
        assertTrue(stored.contains("data.type: expected images with captions"), stored);
    }
}
