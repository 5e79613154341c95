// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

/**
 * What the {@link Doctor} found out about one thing.
 *
 * @param level how bad it is
 * @param subject what was looked at
 * @param detail figures, or what is wrong and what to do
 */
public record Finding(Level level, String subject, String detail) {
    /** From harmless to fatal. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Worth a look; the run would start. */
        WARNING,
        /** The run would fail or learn nothing. */
        FAILED
    }
}
