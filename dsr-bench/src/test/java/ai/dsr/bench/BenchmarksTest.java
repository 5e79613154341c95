// SPDX-License-Identifier: Apache-2.0
package ai.dsr.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Torch;
import ai.dsr.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Benchmarks time what is right: each setup compares the kernel with its baseline and fails otherwise. */
@ExtendWith(LeakCheck.class)
final class BenchmarksTest {
    @Test
    void attentionAgreesWithTheFormula() {
        AttentionBenchmark benchmark = new AttentionBenchmark();
        benchmark.tokens = 5;
        benchmark.threads = 1;
        benchmark.setUp();
        benchmark.kernelForward();
        benchmark.formulaForward();
        benchmark.kernelGradients();
        benchmark.formulaGradients();
        benchmark.tearDown();
    }

    @Test
    void normAndModulationAgreeWithSingleOperations() {
        NormModulateBenchmark benchmark = new NormModulateBenchmark();
        benchmark.tokens = 5;
        benchmark.threads = 1;
        benchmark.setUp();
        benchmark.kernelForward();
        benchmark.composedForward();
        benchmark.kernelGradients();
        benchmark.composedGradients();
        benchmark.tearDown();
    }

    @Test
    void adamWAgreesWithSingleOperations() {
        AdamWBenchmark benchmark = new AdamWBenchmark();
        benchmark.blocks = 1;
        benchmark.threads = 1;
        benchmark.setUp();
        benchmark.tearDown();
    }

    @Test
    void differentNumbersAreRefused() {
        try (NDManager manager = Torch.newManager()) {
            IllegalStateException e = assertThrows(
                    IllegalStateException.class,
                    () -> Agreement.require(
                            "x", manager.create(new float[] {1, 2}), manager.create(new float[] {1, 3}), 1e-5));
            assertEquals("x: expected a relative difference of at most 1.0E-5, got 0.5", e.getMessage());
        }
    }
}
