// SPDX-License-Identifier: Apache-2.0
/**
 * JMH benchmarks: each compares a fused kernel with the same arithmetic written out in single DJL operations.
 *
 * <p>Every setup first compares the two results, so that a benchmark never times something wrong. Times are averages
 * per call with a fixed number of threads; the forks start from a fresh JVM.
 */
package ai.dsr.bench;
