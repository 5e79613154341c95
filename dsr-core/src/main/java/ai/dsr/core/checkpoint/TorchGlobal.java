// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The names that a checkpoint may refer to; there is no other way from a name in the file to something of ours. */
enum TorchGlobal {
    /** An empty ordered dictionary. */
    ORDERED_DICT("collections OrderedDict", null),
    /** A tensor from storage, offset, shape and stride. */
    REBUILD_TENSOR("torch._utils _rebuild_tensor_v2", null),
    /** A tensor that trains, which makes no difference here. */
    REBUILD_PARAMETER("torch._utils _rebuild_parameter", null),
    FLOAT("torch FloatStorage", DataType.FLOAT32),
    DOUBLE("torch DoubleStorage", DataType.FLOAT64),
    HALF("torch HalfStorage", DataType.FLOAT16),
    BFLOAT16("torch BFloat16Storage", DataType.BFLOAT16),
    LONG("torch LongStorage", DataType.INT64),
    INT("torch IntStorage", DataType.INT32),
    SHORT("torch ShortStorage", DataType.INT16),
    CHAR("torch CharStorage", DataType.INT8),
    BYTE("torch ByteStorage", DataType.UINT8),
    BOOL("torch BoolStorage", DataType.BOOLEAN);

    private static final Map<String, TorchGlobal> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(global -> global.qualifiedName, Function.identity()));

    private final String qualifiedName;
    private final DataType type;

    TorchGlobal(String qualifiedName, DataType type) {
        this.qualifiedName = qualifiedName;
        this.type = type;
    }

    /** Refuses every name that is not listed. */
    static TorchGlobal of(String module, String name) {
        TorchGlobal global = BY_NAME.get(module + " " + name);
        if (global == null) {
            throw new IllegalArgumentException("expected only names that tensors need, got " + module + "." + name
                    + "; the file is refused, nothing of it was run");
        }
        return global;
    }

    /** The element type of a storage class. */
    DataType storageType() {
        if (type == null) {
            throw new IllegalArgumentException("storage: expected a storage class, got " + this);
        }
        return type;
    }

    @Override
    public String toString() {
        return qualifiedName.replace(' ', '.');
    }
}
