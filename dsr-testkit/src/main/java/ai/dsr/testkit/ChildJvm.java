// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A second JVM with the class path of this one, for tests that kill or signal a process. */
public final class ChildJvm {
    private static final List<String> INHERITED = List.of("dsr.root", "dsr.home", "java.awt.headless");

    private ChildJvm() {}

    /** Starts the {@code main} of a class; its standard error is read by {@link #errors}. */
    public static Process start(Class<?> main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        command.add("-XX:+UseSerialGC");
        command.add("-XX:TieredStopAtLevel=1");
        for (String property : INHERITED) {
            if (System.getProperty(property) != null) {
                command.add("-D" + property + "=" + System.getProperty(property));
            }
        }
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        // one thread each: the parent computes beside it, and bits depend on the number of threads
        builder.environment().put("OMP_NUM_THREADS", "1");
        return builder.redirectError(ProcessBuilder.Redirect.PIPE).start();
    }

    /** What a process that has ended wrote to its standard error. */
    public static String errors(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
