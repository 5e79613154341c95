// SPDX-License-Identifier: Apache-2.0

/**
 * Where a picture comes from, in text chunks of its PNG file, and the same picture again.
 *
 * <p>{@link ai.dsr.sample.provenance.Provenance} is what is written, {@link ai.dsr.sample.bundle.BundleParts} what
 * ties it to weights, {@link ai.dsr.sample.provenance.Remake} draws anew and compares.
 */
package ai.dsr.sample.provenance;
