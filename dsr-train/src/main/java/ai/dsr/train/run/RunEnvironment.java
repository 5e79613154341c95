// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Torch;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The machine and the versions of a run: bits repeat only where these are the same. */
public final class RunEnvironment {
    private RunEnvironment() {}

    /** Names and values, of a run on the device of {@code manager} and those of further replicas. */
    public static Map<String, String> of(NDManager manager, List<Device> followers) {
        Map<String, String> values = new TreeMap<>();
        values.put("java", Runtime.version().toString());
        values.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        values.put(
                "engine",
                manager.getEngine().getEngineName() + " " + manager.getEngine().getVersion());
        values.put("engine_flavor", System.getenv().getOrDefault("PYTORCH_FLAVOR", "cpu"));
        values.put("devices", devices(manager.getDevice(), followers));
        values.put("threads", Integer.toString(Torch.threads()));
        values.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        String version = RunEnvironment.class.getPackage().getImplementationVersion();
        values.put("dsr", version == null ? "development" : version);
        return values;
    }

    private static String devices(Device first, List<Device> followers) {
        StringBuilder names = new StringBuilder(first.toString());
        followers.forEach(device -> names.append(' ').append(device));
        return names.toString();
    }
}
