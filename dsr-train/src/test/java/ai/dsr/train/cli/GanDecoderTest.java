// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Torch;
import ai.dsr.encoders.critic.DinoBackboneConfig;
import ai.dsr.encoders.critic.DinoDiscriminator;
import ai.dsr.encoders.critic.DinoDiscriminatorConfig;
import ai.dsr.encoders.critic.Vgg16Features;
import ai.dsr.sample.config.Experiment;
import ai.dsr.testkit.ParameterRecipe;
import ai.dsr.train.loop.MetricsLog;
import ai.dsr.train.loop.StopRequest;
import ai.dsr.train.run.DecoderRun;
import ai.dsr.train.run.TrainingRun;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped recipe {@code gan-tiny.yaml} on eight random images of 28 px and random networks that judge them. */
class GanDecoderTest {
    private static final Path RECIPE =
            Path.of(System.getProperty("dsr.root", ".."), "configs", "decoder", "gan-tiny.yaml");

    private static final String BACKBONE = "gan.disc.arch.dino_ckpt_path";
    private static final String PERCEPTUAL = "gan.loss.perceptual_path";

    @TempDir
    private static Path root;

    /** What a command line did. */
    private record Outcome(int code, String out, String err) {}

    @BeforeAll
    static void writeFiles() {
        TinyFiles.write(root);
        DinoBackboneConfig sizes = new DinoBackboneConfig(2, 16, 2, 28, 2, 3, null, null);
        DinoDiscriminatorConfig arch = new DinoDiscriminatorConfig(
                null, "tiny", sizes, 3, List.of(0), DinoDiscriminatorConfig.HeadNorm.BN, true, 1e-6);
        write("dino.safetensors", new DinoDiscriminator(arch).backbone().shapes());
        write("vgg.safetensors", new Vgg16Features().shapes());
    }

    private static void write(String file, Map<String, Shape> shapes) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        shapes.forEach((name, shape) ->
                tensors.put(name, TensorData.of(ParameterRecipe.values(name, shape.getShape()), shape.getShape())));
        SafeTensors.write(root.resolve(file), tensors, Map.of(), DataType.FLOAT32);
    }

    /** What a run in a folder of its own changes about the recipe. */
    private static List<String> values(String run, String... more) {
        List<String> values = new ArrayList<>(List.of(
                "run.dir=" + root.resolve(run),
                "data={type: image_folder, path: \"" + root + "/images\", image_size: 28, cache: \"" + root
                        + "/cache\", random_flip: true}",
                "stage_1.params.encoder_config_path=" + root.resolve("encoder"),
                "stage_1.params.encoder_input_size=28",
                "stage_1.params.encoder_params={}",
                "stage_1.params.decoder_patch_size=14",
                BACKBONE + "=" + root.resolve("dino.safetensors"),
                PERCEPTUAL + "=" + root.resolve("vgg.safetensors")));
        values.addAll(Arrays.asList(more));
        return values;
    }

    /** Runs a command with further values of the recipe, or options if they begin with two dashes. */
    private static Outcome dsr(String command, String run, String... more) {
        List<String> args = new ArrayList<>(List.of(command, RECIPE.toString()));
        values(run, more)
                .forEach(value -> args.addAll(
                        value.startsWith("--") ? Arrays.asList(value.split(" ", -1)) : List.of("--set", value)));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Dsr.execute(new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
        return new Outcome(code, out.toString(), err.toString());
    }

    /** The command must fail before it writes anything, with one line, which is returned. */
    private static String refused(String... more) {
        Outcome outcome = dsr("train-decoder", "refused", more);
        assertEquals(2, outcome.code(), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertFalse(Files.exists(root.resolve("refused")));
        return outcome.err().strip();
    }

    @Test
    void theRecipeTrainsDecoderAndDiscriminator() throws IOException {
        Outcome outcome = dsr("train-decoder", "run");
        assertEquals(0, outcome.code(), outcome.err());
        List<JsonNode> lines = new MetricsLog(root.resolve("run")).read();
        assertEquals(6, lines.size());
        for (JsonNode line : lines) { // two steps an epoch
            long step = line.get("step").asLong() - 1;
            assertTrue(line.get("l1").asDouble() > 0 && line.get("lpips").asDouble() > 0, line.toString());
            assertEquals(step >= 2, line.get("adaptive_weight").asDouble() > 0, line.toString());
            assertEquals(step >= 2, line.get("gan").asDouble() != 0, line.toString());
            assertEquals(step >= 1, line.has("disc_loss"), line.toString());
        }
        JsonNode last = lines.get(5);
        double sum = last.get("l1").asDouble()
                + last.get("lpips").asDouble()
                + 0.75
                        * last.get("adaptive_weight").asDouble()
                        * last.get("gan").asDouble();
        assertEquals(sum, last.get("loss").asDouble(), 1e-5);
        for (String name : List.of("logits_real", "logits_fake", "disc_accuracy", "disc_lr", "disc_grad_norm")) {
            assertTrue(last.has(name), name);
        }
        assertTrue(Files.readString(root.resolve("run/report.html")).contains("alt=\"adaptive_weight\""));
        Path checkpoint = root.resolve("run/checkpoints/step-6");
        assertEquals(
                5,
                Json.read(checkpoint.resolve("state.json"))
                        .at("/discriminator/updates")
                        .asInt());
        Map<String, TensorData> heads = SafeTensors.read(checkpoint.resolve("discriminator.safetensors"))
                .toMap();
        assertTrue(heads.containsKey("heads.1.0.0.weight_orig") && heads.containsKey("heads.1.0.0.weight_u"));
        assertTrue(Files.exists(root.resolve("run/decoder.safetensors")));
    }

    @Test
    void aTrainedDecoderGoesOnAgainstADiscriminator() {
        String[] plain = {"training.steps=2", "gan.loss.perceptual_weight=0", "gan.loss.disc_weight=0"};
        assertEquals(0, dsr("train-decoder", "first", plain).code());
        Path trained = root.resolve("first/decoder.safetensors");
        Outcome outcome = dsr(
                "train-decoder",
                "second",
                "training.steps=1",
                "training.ema_decay=0.999999",
                "stage_1.params.pretrained_decoder_path=" + trained);
        assertEquals(0, outcome.code(), outcome.err());
        Map<String, TensorData> before = SafeTensors.read(trained).toMap();
        SafeTensors.read(root.resolve("second/decoder.safetensors"))
                .toMap()
                .forEach((name, average) ->
                        assertArrayEquals(before.get(name).toFloats(), average.toFloats(), 1e-6f, name));
        assertTrue(refused("stage_1.params.pretrained_decoder_path=" + root.resolve("none"))
                .startsWith("error: stage_1.params.pretrained_decoder_path: "));
    }

    @Test
    void aResumeRepeatsBothModelsToTheBit() {
        Outcome outcome = dsr("verify-resume", "check", "--steps 3", "--more 2", "gan.loss.disc_updates=2");
        assertEquals(0, outcome.code(), outcome.out() + outcome.err());
        List<String> rows =
                outcome.out().lines().filter(line -> line.contains("equal")).toList();
        for (String what : List.of("discriminator ", "discriminator-optimizer ", "counters ", "metrics ")) {
            assertTrue(rows.stream().anyMatch(row -> row.startsWith(what)), outcome.out());
        }
    }

    @Test
    void twoReplicasGiveTheBitsOfTwoMicroBatches() throws IOException {
        String run = "checkpoints/step-4/manifest.json";
        String[] common = {"training.steps=4", "training.checkpoint_steps=4", "gan.loss.perceptual_weight=0"};
        List<String> values = values("parts", common);
        values.add("training.grad_accum_steps=2");
        train(values, List.of());
        train(values("replicas", common), List.of(Device.cpu()));
        assertEquals(
                Files.readString(root.resolve("parts").resolve(run)),
                Files.readString(root.resolve("replicas").resolve(run)));
    }

    private static void train(List<String> values, List<Device> followers) {
        try (NDManager manager = Torch.newManager()) {
            TrainingRun.train(
                    DecoderRun::open,
                    Experiment.load(RECIPE, values),
                    manager,
                    new TrainingRun.Options(false, followers, new StopRequest()));
        }
    }

    @Test
    void theDoctorTriesAStepWithAllTerms() {
        Outcome outcome = dsr("doctor", "never", "--seconds 0");
        assertEquals(0, outcome.code(), outcome.out() + outcome.err());
        assertTrue(outcome.out().contains("discriminator "), outcome.out());
        assertFalse(Files.exists(root.resolve("never")));
    }

    @Test
    void missingNetworksAreNamedWithWhereToGetThem() {
        assertEquals(
                "error: gan.disc.arch.dino_ckpt_path: expected a file with weights of the DINO transformer S_8, got nothing;"
                        + " download the backbone from https://github.com/facebookresearch/dino (ViT-S/8 is"
                        + " dino_deitsmall8_pretrain.pth), or set gan.loss.disc_weight to 0",
                refused(BACKBONE + "=null"));
        assertEquals(
                "error: gan.loss.perceptual_path: expected a file with weights of torchvision's VGG16, got none.pth, which is"
                        + " none; download https://download.pytorch.org/models/vgg16-397923af.pth, or set"
                        + " gan.loss.perceptual_weight to 0",
                refused(PERCEPTUAL + "=none.pth"));
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertEquals(
                "error: reconstruction: expected none beside gan, which has the reconstruction terms L1 and LPIPS, got one;"
                        + " remove one of the two sections",
                refused("reconstruction={gradient_weight: 1.0}"));
        assertEquals(
                "error: training.precision: expected fp32 or bf16 with gan, whose adaptive weight needs the gradients of"
                        + " single terms, got fp16",
                refused("training.precision=fp16"));
        String unknown = refused("gan.loss={disc_strat: 1}");
        assertTrue(unknown.contains("gan.loss.disc_strat: unknown key; did you mean disc_start?"), unknown);
    }

    @Test
    void termsWithoutWeightNeedNoNetworks() {
        Outcome outcome =
                dsr("train-decoder", "plain", "gan={loss: {disc_weight: 0, perceptual_weight: 0}}", "training.steps=1");
        assertEquals(0, outcome.code(), outcome.err());
        JsonNode line = new MetricsLog(root.resolve("plain")).read().get(0);
        assertEquals(line.get("l1"), line.get("loss"));
        assertFalse(line.has("disc_loss"));
        assertFalse(Files.exists(root.resolve("plain/checkpoints/step-1/discriminator.safetensors")));
    }
}
