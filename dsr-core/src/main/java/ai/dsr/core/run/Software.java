// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.run;

/** What this library calls itself in the files that it writes. */
public final class Software {
    /** The version, as in the build. */
    public static final String VERSION = "0.1.0";

    private Software() {}
}
