// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Torch;
import picocli.CommandLine.Option;

/** Options that every working command has. */
public final class CommonOptions {
    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads that one operator may use (default: the engine's choice).")
    private Integer threads;

    @Option(names = "--device", paramLabel = "DEVICE", description = "cpu or cuda:N (default: ${DEFAULT-VALUE}).")
    private String device = "cpu";

    /** Starts the engine as the options say and opens the root manager of the command. */
    public NDManager openManager() {
        Device chosen = device();
        if (threads != null) {
            Torch.setThreads(threads);
        }
        return Torch.newManager(chosen);
    }

    private Device device() {
        if (device.equals("cpu")) {
            return Device.cpu();
        }
        if (device.matches("cuda(:\\d+)?")) {
            return Device.gpu(device.contains(":") ? Integer.parseInt(device.substring(5)) : 0);
        }
        throw new IllegalArgumentException("--device: expected cpu or cuda:N, got " + device);
    }
}
