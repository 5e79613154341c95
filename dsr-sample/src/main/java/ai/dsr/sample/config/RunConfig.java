// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.config.Default;
import ai.dsr.core.tensor.Devices;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Section {@code run}: what a run starts from and where it leaves its results.
 *
 * @param dir folder of checkpoints, metrics and previews
 * @param init bundle whose denoiser the training starts from; null: initial values of the seed
 * @param device where to train: {@code cpu}, {@code cuda:0}, {@code cuda:0-7} for one replica a device; null: the CPU
 * @param memoryBudget largest resident memory of the training process, such as {@code 12G} or {@code 800M}; null: no limit
 */
public record RunConfig(
        Path dir, @Default("null") String init, @Default("null") String device, @Default("null") String memoryBudget) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)([MG])");

    /** Checks that device and budget can be read. */
    public RunConfig {
        if (device != null) {
            Devices.parse(device);
        }
        if (memoryBudget != null && !SIZE.matcher(memoryBudget).matches()) {
            throw new IllegalArgumentException(
                    "memory_budget: expected a size such as 12G or 800M, got " + memoryBudget);
        }
    }

    /** The budget in bytes; {@link Long#MAX_VALUE} if there is none. */
    public long memoryBudgetBytes() {
        if (memoryBudget == null) {
            return Long.MAX_VALUE;
        }
        Matcher matcher = SIZE.matcher(memoryBudget);
        matcher.matches();
        return (long) (Double.parseDouble(matcher.group(1)) * (matcher.group(2).equals("G") ? 1L << 30 : 1L << 20));
    }
}
