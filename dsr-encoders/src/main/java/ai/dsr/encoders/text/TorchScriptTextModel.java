// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.tensor.EngineArray;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A text encoder traced or scripted to TorchScript. */
final class TorchScriptTextModel implements TextModel {
    private static final String ENGINE = "PyTorch";

    private final Path file;
    private final List<String> inputs;
    private final boolean hasPooled;
    private final NDManager manager;
    private final Model model;
    private final Predictor<NDList, NDList> predictor;

    /** Opens a file whose inputs are those of the configuration, in order. */
    TorchScriptTextModel(Path file, TextEncoderConfig config) {
        this.file = file;
        inputs = config.inputs();
        hasPooled = config.pooling() == Pooling.MODEL;
        manager = Torch.newManager();
        model = Model.newInstance(file.getFileName().toString(), ENGINE);
        try {
            String name = file.getFileName().toString();
            model.load(file.getParent(), name.substring(0, name.lastIndexOf('.')));
        } catch (IOException | MalformedModelException | RuntimeException e) {
            close(null);
            throw new IllegalArgumentException(file + ": expected a TorchScript model: " + e.getMessage(), e);
        }
        predictor = model.newPredictor(new NoopTranslator());
    }

    @Override
    public Output run(TokenizedCaption tokens) {
        try (NDManager scope = manager.newSubManager()) {
            NDList rows = new NDList();
            for (String input : inputs) {
                rows.add(EngineArray.of(scope, row(input, tokens)).expandDims(0)); // (1, T)
            }
            NDList outputs = predictor.predict(rows);
            outputs.attach(scope);
            if (hasPooled && outputs.size() < 2) {
                return new Output(floats(outputs.get(0)), null);
            }
            return new Output(floats(outputs.get(0)), hasPooled ? floats(outputs.get(1)) : null);
        } catch (TranslateException e) {
            throw new IllegalArgumentException(
                    file + ": expected a network with inputs " + inputs + ", got a failure on " + tokens.length()
                            + " tokens: " + e.getMessage(),
                    e);
        }
    }

    private static float[] floats(NDArray array) {
        return array.toType(DataType.FLOAT32, false).toFloatArray();
    }

    private static long[] row(String input, TokenizedCaption tokens) {
        return switch (input) {
            case "input_ids" -> tokens.ids();
            case "attention_mask" -> tokens.mask();
            case "token_type_ids" -> tokens.types();
            case "position_ids" -> tokens.positions();
            default ->
                throw new IllegalArgumentException("text.encoder.inputs: expected input_ids, attention_mask,"
                        + " token_type_ids or position_ids, got " + input);
        };
    }

    @Override
    public void close() {
        close(predictor);
    }

    private void close(Predictor<NDList, NDList> opened) {
        if (opened != null) {
            opened.close();
        }
        model.close();
        manager.close();
    }
}
