// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import ai.dsr.core.tensor.EngineArray;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The loaded kernels: calls a method by name, with or without recording gradients. */
final class ScriptModule {
    private static final String CLASS = "Kernels";
    private static final String SOURCE = "kernels.torchscript";

    /** Lives as long as the process, like the class that owns it; leak checks know it by its name. */
    private static final NDManager ROOT = processWide();

    private static final PtSymbolBlock MODULE = load();

    /** DJL picks the method from an array of this name among the inputs; the array itself is not passed on. */
    private static final Map<String, NDArray> METHODS = new ConcurrentHashMap<>();

    private static final Map<Double, NDArray> SCALARS = new ConcurrentHashMap<>();

    private static final Map<List<Double>, NDArray> NUMBERS = new ConcurrentHashMap<>();

    private static final NDArray NONE = ROOT.create(new Shape(0));

    /** Both switches are per thread in libtorch, where a new thread records gradients unless told not to. */
    private static final ThreadLocal<Boolean> THREAD_READY = ThreadLocal.withInitial(() -> {
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(false);
        return true;
    });

    private ScriptModule() {}

    private static NDManager processWide() {
        NDManager manager = Torch.newManager();
        manager.setName("dsr-process");
        return manager;
    }

    private static PtSymbolBlock load() {
        try (InputStream in = ScriptModule.class.getResourceAsStream(SOURCE)) {
            String body = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            byte[] archive = ScriptArchive.of(CLASS, body);
            return JniUtils.loadModule((PtNDManager) ROOT, new ByteArrayInputStream(archive), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException("kernels: cannot read " + SOURCE, e);
        }
    }

    /** Sets the switches of the calling thread, once. */
    static void prepareThread() {
        THREAD_READY.get();
    }

    /** Calls a method that returns one tensor; gradients are recorded if the thread records. */
    static NDArray call(String method, NDArray... inputs) {
        return callForList(method, inputs).get(0);
    }

    /** Calls a method that returns a list or tuple of tensors; they belong to the manager of the first input. */
    static NDList callForList(String method, NDArray... inputs) {
        prepareThread();
        NDList list = new NDList();
        for (NDArray input : inputs) {
            list.add(input.getName() == null ? input : unnamed(input));
        }
        list.add(METHODS.computeIfAbsent(method, ScriptModule::marker));
        return IValueUtils.forward(MODULE, list, true);
    }

    /** DJL reads names such as {@code a.b} or {@code a[]} as entries of a dictionary or list. */
    private static NDArray unnamed(NDArray input) {
        return input.reshape(input.getShape());
    }

    /** Calls a method whose arguments are not all tensors and that records nothing; closes the arguments. */
    static NDList run(NDManager owner, String method, IValue... arguments) {
        prepareThread();
        try (IValue result = IValueUtils.runMethod(MODULE, method, arguments)) {
            return result.isList() || result.isTensorList() || result.isTensor()
                    ? result.toNDList((PtNDManager) owner)
                    : new NDList();
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    /** A number as a 0-dim float64 tensor on the CPU, kept for good: kernels take few different ones. */
    static NDArray scalar(double value) {
        return SCALARS.computeIfAbsent(value, number -> EngineArray.scalar(ROOT, number));
    }

    /** A few numbers, such as one a channel, as a float64 tensor on the CPU, kept for good. */
    static NDArray numbers(List<Double> values) {
        return NUMBERS.computeIfAbsent(
                List.copyOf(values),
                v -> EngineArray.of(
                        ROOT, v.stream().mapToDouble(Double::doubleValue).toArray()));
    }

    /** Stands for an array that is not there: kernels look at its size of 0 and nothing else. */
    static NDArray none() {
        return NONE;
    }

    static IValue list(NDList arrays) {
        return IValue.listFrom(arrays.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
    }

    private static NDArray marker(String method) {
        NDArray marker = ROOT.zeros(new Shape());
        marker.setName("module_method:" + method);
        return marker;
    }
}
