// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A choice that configuration files spell in a fixed way; implemented by enums. */
public interface NamedOption {
    /** The spelling in configuration files. */
    String label();

    /**
     * The option spelt {@code text}; capitals do not matter.
     *
     * @param key the configuration key, for the message
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    static <E extends NamedOption> E parse(String key, E[] options, String text) {
        for (E option : options) {
            if (option.label().equalsIgnoreCase(text)) {
                return option;
            }
        }
        String known = Arrays.stream(options).map(NamedOption::label).collect(Collectors.joining(", "));
        throw new IllegalArgumentException(key + ": expected one of " + known + ", got " + text);
    }

    /**
     * The option spelt {@code text}, capitals included.
     *
     * @param key the configuration key, for the message
     * @throws IllegalArgumentException naming the right spelling, or all if none is near
     */
    static <E extends NamedOption> E parseExact(String key, E[] options, String text) {
        E option = parse(key, options, text);
        if (!option.label().equals(text)) {
            throw new IllegalArgumentException(
                    key + ": expected " + option.label() + ", got " + text + "; capitals count here");
        }
        return option;
    }
}
