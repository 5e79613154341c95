// SPDX-License-Identifier: Apache-2.0

/**
 * Outlier tokens made visible: measured per layer, written as JSON and as an HTML page that needs nothing else.
 *
 * <p>Read {@link ai.dsr.sample.inspect.TokenProfile} (norms and attention of some layers of any transformer),
 * {@link ai.dsr.sample.inspect.EncoderProbe} (which measures an encoder's), {@link ai.dsr.sample.inspect.Inspection} (the
 * JSON) and {@link ai.dsr.sample.inspect.EncoderReport} (the page). {@link ai.dsr.sample.inspect.HtmlReport} takes sections
 * of any kind: another model adds its own beside these, from a profile of its blocks.
 */
package ai.dsr.sample.inspect;
