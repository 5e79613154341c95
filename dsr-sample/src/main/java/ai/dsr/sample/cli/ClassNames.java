// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Classes as users write them. */
public final class ClassNames {
    private static final int LONGEST = 60;

    private ClassNames() {}

    /**
     * The label of a class given by number, by name, or by the beginning of one name; case does not matter.
     *
     * @throws IllegalArgumentException naming all classes if none or several fit
     */
    public static int find(List<String> names, String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        if (wanted.matches("\\d{1,9}") && Integer.parseInt(wanted) < names.size()) {
            return Integer.parseInt(wanted);
        }
        int[] exact = matching(names, name -> name.equals(wanted));
        int[] found = exact.length > 0 ? exact : matching(names, name -> name.startsWith(wanted));
        if (found.length != 1) {
            throw new IllegalArgumentException(
                    "--class: expected one of " + names + " or 0 to " + (names.size() - 1) + ", got " + text);
        }
        return found[0];
    }

    private static int[] matching(List<String> names, Predicate<String> test) {
        return IntStream.range(0, names.size())
                .filter(i -> test.test(names.get(i).toLowerCase(Locale.ROOT)))
                .toArray();
    }

    /** A class name or a prompt in letters and digits, cut to {@value #LONGEST}, as a part of a file name. */
    static String toFileName(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return plain.substring(0, Math.min(plain.length(), LONGEST));
    }
}
