// SPDX-License-Identifier: Apache-2.0

/**
 * The commands that need no training: one class a verb, offered by the {@code dsr} launcher of dsr-train.
 *
 * <p>Exit codes: 0 done, 1 the work failed, 2 wrong usage or wrong file. An error is one line that says what was wrong
 * and what to do; the stack trace is shown under {@code --debug} only.
 */
package ai.dsr.sample.cli;
