// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

/**
 * Says that a golden case asks for something the library does not do yet.
 *
 * <p>The case counts as unsupported. That is a failure unless {@link Kinds} declares the case pending.
 */
public final class UnsupportedCaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception; {@code message} names the option and its value. */
    public UnsupportedCaseException(String message) {
        super(message);
    }
}
