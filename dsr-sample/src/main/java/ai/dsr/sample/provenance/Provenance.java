// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.provenance;

import ai.djl.Device;
import ai.dsr.core.image.PngText;
import ai.dsr.core.io.Json;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.run.Software;
import ai.dsr.core.tensor.Precision;
import ai.dsr.sample.bundle.BundleParts;
import ai.dsr.sample.config.Experiment;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a generated picture was made from: enough to draw it again.
 *
 * @param condition {@code class} or {@code prompt}
 * @param value label of the class, or the prompt
 * @param seed seed of the noise
 * @param index number of the picture under that seed and condition
 * @param parts the bundle
 * @param sampler section {@code sampler} as JSON
 * @param guidance section {@code guidance} as JSON
 * @param evaluations how often the denoiser was called; guidance does not count twice
 * @param run version, precision, device and threads
 */
public record Provenance(
        Condition condition,
        String value,
        long seed,
        int index,
        BundleParts parts,
        String sampler,
        String guidance,
        int evaluations,
        Run run) {
    private static final String PREFIX = "dsr:";

    /** What a denoiser was told. */
    public enum Condition {
        /** A label. */
        CLASS,
        /** A text. */
        PROMPT
    }

    /**
     * How it was computed: other values may round differently.
     *
     * @param version of this library
     * @param precision of the denoiser's matrix products
     * @param device such as {@code cpu}
     * @param threads that one operator used
     */
    public record Run(String version, String precision, String device, int threads) {
        /** This process on a device, with products in a precision. */
        public static Run here(Device device, Precision precision) {
            String name = device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
            return new Run(Software.VERSION, precision.label(), name, Torch.threads());
        }
    }

    /** The same for another picture of the run. */
    public Provenance of(Condition newCondition, String newValue, int newIndex, int newEvaluations) {
        return new Provenance(newCondition, newValue, seed, newIndex, parts, sampler, guidance, newEvaluations, run);
    }

    /**
     * Precision of the denoiser's matrix products.
     *
     * @throws IllegalArgumentException if the picture names one that this version does not know
     */
    public Precision precision() {
        return Precision.of(run.precision());
    }

    /** What all pictures of a run share. */
    public static Provenance of(Experiment experiment, BundleParts parts, long seed, Run run) {
        Map<String, Object> sections = experiment.config().toMap();
        return new Provenance(
                Condition.CLASS,
                "",
                seed,
                0,
                parts,
                section(sections, "sampler"),
                section(sections, "guidance"),
                0,
                run);
    }

    private static String section(Map<String, Object> sections, String name) {
        return sections.get(name) == null ? "{}" : Json.canonical(sections.get(name));
    }

    /** The text chunks of the picture, by keyword. */
    public Map<String, String> toText() {
        Map<String, String> text = new LinkedHashMap<>();
        text.put("Software", "DSR for the JVM " + run.version());
        text.put(PREFIX + (condition == Condition.PROMPT ? "prompt" : "class"), value);
        text.put(PREFIX + "seed", Long.toString(seed));
        text.put(PREFIX + "index", Integer.toString(index));
        text.put(PREFIX + "bundle", parts.digest());
        text.put(PREFIX + "parts", parts.text());
        text.put(PREFIX + "sampler", sampler);
        text.put(PREFIX + "evaluations", Integer.toString(evaluations));
        text.put(PREFIX + "guidance", guidance);
        text.put(PREFIX + "precision", run.precision());
        text.put(PREFIX + "device", run.device());
        text.put(PREFIX + "threads", Integer.toString(run.threads()));
        text.put(PREFIX + "version", run.version());
        return text;
    }

    /**
     * Reads the chunks of a picture.
     *
     * @throws IllegalArgumentException naming the chunk that is missing or no such value
     */
    public static Provenance read(Path png) {
        Map<String, String> text = PngText.read(png);
        boolean isPrompt = text.containsKey(PREFIX + "prompt");
        Chunks chunks = new Chunks(png, text);
        return new Provenance(
                isPrompt ? Condition.PROMPT : Condition.CLASS,
                chunks.get(isPrompt ? "prompt" : "class"),
                chunks.number("seed"),
                Math.toIntExact(chunks.number("index")),
                new BundleParts(chunks.map("parts")),
                chunks.get("sampler"),
                chunks.get("guidance"),
                Math.toIntExact(chunks.number("evaluations")),
                new Run(
                        chunks.get("version"),
                        chunks.get("precision"),
                        chunks.get("device"),
                        Math.toIntExact(chunks.number("threads"))));
    }

    private record Chunks(Path png, Map<String, String> text) {
        String get(String name) {
            String value = text.get(PREFIX + name);
            if (value == null) {
                throw new IllegalArgumentException(png + ": expected a picture of this library, got one without the"
                        + " text chunk " + PREFIX + name);
            }
            return value;
        }

        long number(String name) {
            try {
                return Long.parseLong(get(name));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        png + ": " + PREFIX + name + ": expected a number, got " + get(name), e);
            }
        }

        Map<String, String> map(String name) {
            Map<String, String> map = new LinkedHashMap<>();
            byte[] json = get(name).getBytes(StandardCharsets.UTF_8);
            Json.parse(json, JsonNode.class, png + ": " + PREFIX + name)
                    .properties()
                    .forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
            return map;
        }
    }
}
