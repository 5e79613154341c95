// SPDX-License-Identifier: Apache-2.0

/** What surrounds long work: {@link ai.dsr.core.run.Progress} shows how far it is and how long it will still take. */
package ai.dsr.core.run;
