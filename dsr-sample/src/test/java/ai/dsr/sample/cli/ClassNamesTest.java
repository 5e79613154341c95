// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassNamesTest {
    private static final List<String> NAMES = List.of("Food & Drink", "Flags", "Food", "42", "Animals");

    @ParameterizedTest
    @CsvSource({"flags, 1", "FL, 1", "0, 0", "4, 4", "food, 2", "Food &, 0", "42, 3", "ani, 4"})
    void aClassIsFoundByNumberNameOrBeginning(String text, int label) {
        assertEquals(label, ClassNames.find(NAMES, text));
    }

    @ParameterizedTest
    @CsvSource({"fo", "f", "7", "-1", "birds", "99999999999"})
    void whatFitsNoneOrSeveralNamesAllClasses(String text) {
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> ClassNames.find(NAMES, text));
        assertEquals(
                "--class: expected one of [Food & Drink, Flags, Food, 42, Animals] or 0 to 4, got " + text,
                error.getMessage());
    }

    @Test
    void fileNamesHaveLettersAndDigitsOnly() {
        assertEquals("food-drink", ClassNames.toFileName("Food & Drink"));
        assertEquals("-etc", ClassNames.toFileName("../etc"));
    }
}
