// SPDX-License-Identifier: Apache-2.0

/**
 * What sampling needs, in one folder.
 *
 * <p>{@link ai.dsr.sample.bundle.Bundle} reads and writes the folder; {@link ai.dsr.sample.bundle.BundleManifest} is what
 * ties its parts together.
 */
package ai.dsr.sample.bundle;
