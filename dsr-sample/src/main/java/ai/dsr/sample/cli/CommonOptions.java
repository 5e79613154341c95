// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.tensor.Devices;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options that every working command has. */
public final class CommonOptions {
    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that one operator may use (default: the engine's choice).")
    private Integer threads;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "cpu or cuda:N; for training also cuda:N-M (default: what the configuration says, else cpu).")
    private String device;

    /** Starts the engine as the options say and opens the root manager of the command. */
    public NDManager openManager() {
        List<Device> devices = devices(null);
        if (devices.size() > 1) {
            throw new IllegalArgumentException("--device: expected one device, got " + device);
        }
        return openManager(devices.get(0));
    }

    /** The same on a device that the caller has picked from {@link #devices}. */
    public NDManager openManager(Device chosen) {
        if (threads != null) {
            Torch.setThreads(threads);
        }
        return Torch.newManager(chosen);
    }

    /** The devices of the option, else of the configuration, else the CPU. */
    public List<Device> devices(String configured) {
        if (device == null) {
            return Devices.parse(configured == null ? "cpu" : configured);
        }
        try {
            return Devices.parse(device);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--" + e.getMessage(), e);
        }
    }

    /** The options as they were given, for another process. */
    public List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        if (threads != null) {
            arguments.addAll(List.of("--threads", threads.toString()));
        }
        if (device != null) {
            arguments.addAll(List.of("--device", device));
        }
        return arguments;
    }

    /** Whether the number of threads is the user's choice. */
    public boolean isThreadsGiven() {
        return threads != null;
    }
}
