// SPDX-License-Identifier: Apache-2.0

/**
 * The {@code dsr} command and its training verbs. {@link ai.dsr.train.cli.Dsr} is the main class.
 */
package ai.dsr.train.cli;
