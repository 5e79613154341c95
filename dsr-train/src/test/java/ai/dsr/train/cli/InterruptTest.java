// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.testkit.ChildJvm;
import ai.dsr.train.loop.MetricsLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C in a process of its own. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "there is no kill -INT")
@DisabledIf(value = "interruptsAreIgnored", disabledReason = "started in the background of a shell without job control")
class InterruptTest {
    private static final long SIGINT = 1 << 1; // signal 2 in a mask that begins with signal 1

    @TempDir
    private Path root;

    /** A process inherits from its parent that it ignores SIGINT, and a JVM leaves it so: nothing would stop the run. */
    static boolean interruptsAreIgnored() throws IOException {
        Path status = Path.of("/proc/self/status"); // Linux alone has it
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & SIGINT) != 0);
        }
    }

    private Process train(String... more) throws IOException {
        TinyFiles.write(root);
        List<String> arguments = new ArrayList<>(
                List.of("train-decoder", root.resolve("decoder.yaml").toString()));
        Stream.of("training.steps=1000000", "training.checkpoint_steps=1000000", "training.sample_every=0")
                .forEach(value -> arguments.addAll(List.of("--set", value)));
        arguments.addAll(List.of(more));
        return ChildJvm.start(Dsr.class, arguments.toArray(String[]::new));
    }

    private static void signal(Process process, String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** Waits until the run has logged a step. */
    private void awaitStep() throws InterruptedException {
        MetricsLog metrics = new MetricsLog(root.resolve("runs/decoder"));
        for (int i = 0; i < 6000 && metrics.read().isEmpty(); i++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertFalse(metrics.read().isEmpty(), "the run has logged no step in two minutes");
    }

    @Test
    void theFirstSignalEndsWithACheckpointAndTheCommandThatResumes() throws Exception {
        Process process = train();
        awaitStep();
        signal(process, "INT");
        List<String> lines;
        try (BufferedReader out = process.inputReader()) {
            lines = out.lines().toList();
        }
        assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
        Path checkpoints = root.resolve("runs/decoder/checkpoints");
        String checkpoint = lines.stream()
                .filter(line -> line.startsWith("checkpoint: "))
                .findFirst()
                .orElseThrow();
        assertTrue(checkpoint.startsWith("checkpoint: " + checkpoints.resolve("step-")), checkpoint);
        assertTrue(Files.exists(
                Path.of(checkpoint.substring("checkpoint: ".length())).resolve("manifest.json")));
        String last = lines.get(lines.size() - 1);
        assertTrue(last.startsWith("stopped after step "), last);
        assertTrue(
                last.endsWith("; go on with: ./dsr train-decoder " + root.resolve("decoder.yaml")
                        + " --set training.steps=1000000 --set training.checkpoint_steps=1000000"
                        + " --set training.sample_every=0 --resume"),
                last);
    }

    @Test
    void aSignalBeforeTheFirstStepOrASecondOneEndsAtOnce() throws Exception {
        Process process = train("--set", "training.global_batch_size=8", "--set", "training.grad_accum_steps=8");
        awaitStep();
        signal(process, "STOP"); // so that both signals are there before the step ends
        signal(process, "INT");
        signal(process, "TERM");
        signal(process, "CONT");
        int code = process.waitFor();
        assertTrue(code == 130 || code == 143, "expected an end by signal, got " + code);
        assertFalse(Files.exists(root.resolve("runs/decoder/decoder.safetensors")));
    }
}
