// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.Default;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.kernel.RegisterKernels.Fill;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Files of register plans: ours, with everything a plan says, and those of the Python code.
 *
 * <p>The Python code keeps neurons in {@code neurons_to_ablate.json} (or {@code ..._merge.json}) and, in a YAML beside it,
 * {@code model_name}, {@code neurons_to_ablate} (the path) and perhaps {@code num_registers}. All else is as in
 * {@link RegisterPlan#of}.
 */
public final class RegisterPlanFile {
    /** Name and version of our layout. */
    public static final String FORMAT = "dsr-register-plan-1";

    /** Name that the Python code gives to lists of neurons. */
    public static final String NEURONS = "neurons_to_ablate.json";

    private RegisterPlanFile() {}

    /** Reads a plan of any of the forms; paths inside are looked for beside the file, then in the working folder. */
    public static RegisterPlan read(Path file) {
        return read(file, Path::of);
    }

    /**
     * Reads a plan of any of the forms.
     *
     * @param elsewhere where a path that a YAML file names is looked for if it is not beside that file
     * @throws IllegalArgumentException naming the file, if there is none or it holds no plan
     */
    public static RegisterPlan read(Path file, Function<String, Path> elsewhere) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "register plan: expected a file, got " + file + ", which is not there; ./dsr discover writes one");
        }
        String name = file.getFileName().toString();
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            return readYaml(file, elsewhere);
        }
        JsonNode json = Json.read(file);
        if (!json.has("format")) {
            return RegisterPlan.of(RegisterNeurons.ofJson(json, file.toString()));
        }
        String format = json.path("format").asText();
        if (!format.equals(FORMAT)) {
            throw new IllegalArgumentException(file + ": format: expected " + FORMAT + ", got " + format);
        }
        return Json.read(file, Content.class).toPlan(file);
    }

    private static RegisterPlan readYaml(Path file, Function<String, Path> elsewhere) {
        PythonSettings settings = Config.load(file).bind("", PythonSettings.class);
        Path beside = file.toAbsolutePath().resolveSibling(settings.neuronsToAblate());
        Path neurons = Files.exists(beside) ? beside : elsewhere.apply(settings.neuronsToAblate());
        if (!Files.isRegularFile(neurons)) {
            throw new IllegalArgumentException(file + ": neurons_to_ablate: expected a file, got "
                    + settings.neuronsToAblate() + ", which is neither beside it nor at " + neurons);
        }
        return RegisterPlan.of(RegisterNeurons.read(neurons)).withRegisters(settings.numRegisters());
    }

    /** Writes our form, atomically. */
    public static void write(Path file, RegisterPlan plan) {
        Json.write(file, Content.of(plan));
    }

    /**
     * Writes what the Python code reads: {@value #NEURONS} and {@code NAME.yaml} beside it.
     *
     * @param folder created if need be
     * @param name of the YAML file, without ending
     * @param modelName {@code model_name}: the Hugging Face name of the encoder
     * @throws IllegalArgumentException if the plan asks for something that the Python code cannot do
     */
    public static void writeForPython(Path folder, String name, String modelName, RegisterPlan plan) {
        RegisterPlan plain = RegisterPlan.of(plan.neurons()).withRegisters(plan.numRegisters());
        if (!plain.digest().equals(plan.digest())) {
            throw new IllegalArgumentException(
                    "register plan: expected fill zero, scale 1 and keeps_first_patch, as the"
                            + " Python code always has it, got " + plan.fill() + ", " + plan.scales() + " and "
                            + plan.keepsFirstPatch());
        }
        plan.neurons().write(folder.resolve(NEURONS));
        AtomicFiles.writeString(
                folder.resolve(name + ".yaml"),
                Config.parse("", name)
                        .with("", new PythonSettings(modelName, NEURONS, plan.numRegisters()))
                        .toYaml());
    }

    /** The YAML of the Python code. */
    private record PythonSettings(
            @Default("null") String modelName, String neuronsToAblate, @Default("1") int numRegisters) {}

    /** Our JSON. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Content(
            String format,
            Map<String, List<Integer>> neurons,
            Integer numRegisters,
            List<Double> scale,
            Fill fill,
            RegisterPlan.Variant variant,
            Boolean keepsFirstPatch,
            PlanEvidence evidence) {

        static Content of(RegisterPlan plan) {
            return new Content(
                    FORMAT,
                    plan.neurons().toJson(),
                    plan.numRegisters(),
                    plan.scales(),
                    plan.fill(),
                    plan.variant(),
                    plan.keepsFirstPatch(),
                    plan.evidence());
        }

        RegisterPlan toPlan(Path file) {
            if (neurons == null) {
                throw new IllegalArgumentException(file + ": neurons: expected lists of neurons by layer, got nothing");
            }
            RegisterNeurons parsed = RegisterNeurons.ofJson(Json.mapper().valueToTree(neurons), file + ": neurons");
            RegisterPlan usual = RegisterPlan.of(parsed);
            try {
                return new RegisterPlan(
                        parsed,
                        numRegisters == null ? usual.numRegisters() : numRegisters,
                        scale == null ? usual.scales() : scale,
                        fill == null ? usual.fill() : fill,
                        variant == null ? usual.variant() : variant,
                        keepsFirstPatch == null ? usual.keepsFirstPatch() : keepsFirstPatch,
                        evidence);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
            }
        }
    }
}
