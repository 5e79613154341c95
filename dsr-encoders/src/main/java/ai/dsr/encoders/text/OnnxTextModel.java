// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import ai.dsr.core.kernel.Torch;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** A text encoder exported to ONNX. */
final class OnnxTextModel implements TextModel {
    private static final String STATES = "last_hidden_state";
    private static final int STATES_DIMENSIONS = 3;
    private static final int POOLED_DIMENSIONS = 2;

    private final String source;
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Map<String, OnnxJavaType> inputs = new LinkedHashMap<>();
    private final String states;
    private final String pooled;

    /**
     * Opens a network.
     *
     * @param source what messages call it
     * @param opener opens a session with the given options
     * @param config names of the outputs; null takes the usual ones
     */
    OnnxTextModel(String source, Opener opener, TextEncoderConfig config) {
        this.source = source;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(Torch.threads());
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            session = opener.open(environment, options);
        } catch (OrtException e) {
            throw new IllegalArgumentException(source + ": expected an ONNX model: " + e.getMessage(), e);
        }
        try {
            for (NodeInfo input : session.getInputInfo().values()) {
                inputs.put(input.getName(), inputType(input));
            }
            states = output(config.statesOutput(), STATES, STATES_DIMENSIONS);
            pooled = config.pooledOutput() == null && config.pooling() != Pooling.MODEL
                    ? null
                    : output(config.pooledOutput(), "pooler_output", POOLED_DIMENSIONS);
        } catch (OrtException | RuntimeException e) {
            close();
            throw e instanceof RuntimeException known ? known : failure(e);
        }
    }

    private OnnxJavaType inputType(NodeInfo input) {
        if (values(input.getName(), null) == Values.UNKNOWN) {
            throw new IllegalArgumentException(source + ": expected inputs among input_ids, attention_mask,"
                    + " token_type_ids and position_ids, got " + input.getName()
                    + "; export the encoder alone, without a cache");
        }
        return ((TensorInfo) input.getInfo()).type;
    }

    /** An output by name, or the usual one, or the only one of that number of dimensions. */
    private String output(String wanted, String usual, int dimensions) throws OrtException {
        Map<String, NodeInfo> outputs = session.getOutputInfo();
        if (wanted != null && !outputs.containsKey(wanted)) {
            throw new IllegalArgumentException(source + ": expected an output " + wanted + ", got " + outputs.keySet());
        }
        if (wanted != null || outputs.containsKey(usual)) {
            return wanted != null ? wanted : usual;
        }
        return outputs.values().stream()
                .filter(o -> o.getInfo() instanceof TensorInfo info && info.getShape().length == dimensions)
                .map(NodeInfo::getName)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(source + ": expected an output of " + dimensions
                        + " dimensions, got " + outputs.keySet() + "; name one in the configuration"));
    }

    @Override
    public Output run(TokenizedCaption tokens) {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, OnnxJavaType> input : inputs.entrySet()) {
                long[] row = values(input.getKey(), tokens).row();
                tensors.put(input.getKey(), tensor(row, input.getValue()));
            }
            try (OrtSession.Result result = session.run(tensors)) {
                return new Output(
                        floats(result, states, tokens.length()), pooled == null ? null : floats(result, pooled, 0));
            }
        } catch (OrtException e) {
            throw new IllegalArgumentException(
                    source + ": expected a caption that the network takes, got " + tokens.length() + " tokens: "
                            + e.getMessage(),
                    e);
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private OnnxTensor tensor(long[] row, OnnxJavaType type) throws OrtException {
        long[] shape = {1, row.length};
        if (type == OnnxJavaType.INT32) {
            return OnnxTensor.createTensor(
                    environment,
                    IntBuffer.wrap(Arrays.stream(row).mapToInt(Math::toIntExact).toArray()),
                    shape);
        }
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(row), shape);
    }

    /** The values of an output; {@code rows} is how many it must have, 0 for any. */
    private float[] floats(OrtSession.Result result, String name, int rows) throws OrtException {
        OnnxValue value = result.get(name).orElseThrow();
        FloatBuffer buffer = value instanceof OnnxTensor tensor ? tensor.getFloatBuffer() : null;
        if (buffer == null) {
            throw new IllegalArgumentException(source + ": " + name + ": expected numbers, got " + value.getInfo());
        }
        long[] shape = ((TensorInfo) value.getInfo()).getShape();
        if (rows > 0 && shape[1] != rows) {
            throw new IllegalArgumentException(
                    source + ": " + name + ": expected " + rows + " states, got " + Arrays.toString(shape));
        }
        float[] floats = new float[buffer.remaining()];
        buffer.get(floats);
        return floats;
    }

    private static Values values(String name, TokenizedCaption tokens) {
        return switch (name) {
            case "input_ids" -> () -> tokens.ids();
            case "attention_mask" -> () -> tokens.mask();
            case "token_type_ids" -> () -> tokens.types();
            case "position_ids" -> () -> tokens.positions();
            default -> Values.UNKNOWN;
        };
    }

    private IllegalArgumentException failure(Exception e) {
        return new IllegalArgumentException(source + ": expected an ONNX model: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(source + ": expected to close, got " + e.getMessage(), e);
        }
    }

    /** Opens a session on a model that lies in memory or in a file. */
    @FunctionalInterface
    interface Opener {
        OrtSession open(OrtEnvironment environment, OrtSession.SessionOptions options) throws OrtException;
    }

    /** A row of one input. */
    @FunctionalInterface
    private interface Values {
        /** Of an input that we have nothing for. */
        Values UNKNOWN = () -> new long[0];

        long[] row();
    }
}
