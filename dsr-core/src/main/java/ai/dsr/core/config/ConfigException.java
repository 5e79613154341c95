// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

/** A mistake in a user's configuration; the message names the file or override, line, YAML path and fault. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** A fault described by {@code message}. */
    public ConfigException(String message) {
        super(message);
    }

    /** A fault described by {@code message} that another exception revealed. */
    public ConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
