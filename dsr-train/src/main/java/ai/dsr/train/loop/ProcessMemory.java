// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Memory of this process, native arrays included, as Linux counts it; 0 on other systems. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final Path MACHINE = Path.of("/proc/meminfo");
    private static final String RESET_PEAK = "5";
    private static final int KIB = 10;

    private ProcessMemory() {}

    /** Resident now, in bytes. */
    public static long resident() {
        return read(STATUS, "VmRSS:");
    }

    /** Largest resident size since the last {@link #resetPeak}, in bytes. */
    public static long peak() {
        return read(STATUS, "VmHWM:");
    }

    /** Bytes that the machine could give to this process without swapping. */
    public static long available() {
        return read(MACHINE, "MemAvailable:");
    }

    /** Lets the peak start anew; where that is not allowed it stays that of the whole process. */
    public static void resetPeak() {
        try {
            Files.writeString(CLEAR, RESET_PEAK, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
        } catch (IOException e) {
            return; // not Linux, or not allowed
        }
    }

    private static long read(Path file, String key) {
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(key)) {
                    return Long.parseLong(line.replaceAll("\\D", "")) << KIB;
                }
            }
        } catch (IOException e) {
            return 0; // not Linux
        }
        return 0;
    }
}
