// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmojiIconsTest {
    private static final EmojiConfig SMALL = new EmojiConfig(List.of("twemoji"), 16, false, false);

    private static final Map<String, List<Icon>> SELECTED = new HashMap<>(); // parsing a set takes a while

    @TempDir
    private static Path shared;

    private static EmojiIcons icons;
    private final List<String> tasks = new ArrayList<>();

    @BeforeAll
    static void render() {
        icons = EmojiIcons.load(SMALL, shared, (task, total) -> Progress.silent());
    }

    @Test
    void iconsComeByNameWithGroupAndCaption() {
        assertEquals(1515, icons.size());
        assertEquals(8, icons.classNames().size());
        Sample first = icons.get(0);
        assertEquals("twemoji/1st-place-medal", first.id());
        assertEquals("1st place medal, twemoji style", first.caption());
        assertEquals("Activities", icons.classNames().get(first.label()));
        assertEquals("1f947", icons.splitKey(0));
        List<String> ids = IntStream.range(0, icons.size())
                .mapToObj(i -> icons.get(i).id())
                .toList();
        assertEquals(ids.stream().sorted().distinct().toList(), ids);
    }

    @Test
    void iconsAreDrawnOnWhite() {
        RgbImage apple = IntStream.range(0, icons.size())
                .mapToObj(icons::get)
                .filter(sample -> sample.id().equals("twemoji/red-apple"))
                .map(Sample::image)
                .findFirst()
                .orElseThrow();
        assertEquals(16, apple.width());
        for (int channel = 0; channel < 3; channel++) {
            assertEquals(255, apple.get(0, 0, channel));
        }
        assertTrue(apple.get(8, 10, 0) > 180 && apple.get(8, 10, 2) < 120, "red in the middle");
    }

    @Test
    void theSplitCoversAllSamplesOnce() {
        List<Integer> both = Stream.concat(icons.indices(Split.TRAIN).stream(), icons.indices(Split.HELD_OUT).stream())
                .sorted()
                .toList();
        assertEquals(icons.indices(Split.ALL), both);
        assertEquals(0.05, (double) icons.indices(Split.HELD_OUT).size() / icons.size(), 0.02);
    }

    @Test
    void aSecondLoadRendersNothingAndIsEqual() {
        EmojiIcons again = EmojiIcons.load(SMALL, shared, this::count);
        assertTrue(tasks.isEmpty());
        assertEquals(icons.get(700), again.get(700));
        assertEquals(icons.fingerprint(), again.fingerprint());
    }

    @Test
    void aTruncatedCacheIsRenderedAnew(@TempDir Path other) throws IOException {
        Path source = onlyFile(shared);
        byte[] bytes = Files.readAllBytes(source);
        Path copy = other.resolve(source.getFileName());
        Files.write(copy, Arrays.copyOf(bytes, bytes.length / 2));
        EmojiIcons again = EmojiIcons.load(SMALL, other, this::count);
        assertEquals(List.of("Rendering emoji 1515"), tasks);
        assertEquals(icons.get(1500), again.get(1500));
        assertEquals(-1, Files.mismatch(source, onlyFile(other)));
    }

    @Test
    void fewFailuresAreTolerated() {
        EmojiIcons.requireFew(List.of("a"), 100);
        String message = assertThrows(
                        IllegalStateException.class, () -> EmojiIcons.requireFew(List.of("noto/a", "noto/b"), 199))
                .getMessage();
        assertEquals("emoji: expected at most 1% of 199 icons to fail, got 2: [noto/a, noto/b]", message);
    }

    @Test
    void configurationsAreChecked() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new EmojiConfig(List.of("noto", "nato"), 64, false, false))
                .getMessage();
        assertTrue(message.endsWith("got [noto, nato]"), message);
        assertThrows(IllegalArgumentException.class, () -> new EmojiConfig(List.of(), 64, false, false));
        assertThrows(
                IllegalArgumentException.class, () -> EmojiConfig.defaults().withSize(4));
    }

    @Test
    void allSetsHaveTheirIcons() {
        EmojiConfig config = EmojiConfig.defaults();
        assertEquals(
                List.of(1515, 1286, 1252, 1519),
                config.sets().stream().map(set -> select(set, config).size()).toList());
    }

    @Test
    void drawingsOfOneEmojiShareTheirKeyAndGroupInAllStyles() {
        for (String set : EmojiConfig.ALL_SETS) {
            Icon ox = icon(set, "ox", EmojiConfig.defaults());
            assertEquals("1f402", ox.key());
            assertEquals("Animals & Nature", ox.group());
        }
        assertEquals("1facf", icon("openmoji", "donkey", EmojiConfig.defaults()).key());
        assertEquals(
                "donkey, fluent flat style",
                icon("fluent-emoji-flat", "donkey", EmojiConfig.defaults()).caption());
    }

    @Test
    void skinTonesAreLeftOutUnlessAskedForAndShareTheKey() {
        EmojiConfig people = new EmojiConfig(EmojiConfig.ALL_SETS, 64, true, false);
        EmojiConfig all = new EmojiConfig(EmojiConfig.ALL_SETS, 64, true, true);
        for (String set : List.of("noto", "fluent-emoji-flat")) {
            List<Icon> plain = select(set, people);
            assertTrue(plain.stream().noneMatch(icon -> icon.name().startsWith("pilot-")), set);
            assertTrue(plain.stream().anyMatch(icon -> icon.name().equals("pilot")), set);
            List<Icon> pilots = select(set, all).stream()
                    .filter(icon -> icon.name().equals("pilot") || icon.name().startsWith("pilot-"))
                    .toList();
            assertEquals(6, pilots.size(), set);
            assertEquals(
                    1,
                    pilots.stream().map(Icon::key).collect(Collectors.toSet()).size(),
                    set);
        }
        assertEquals(
                "police car light, fluent flat style",
                icon("fluent-emoji-flat", "police-car-light", people).caption());
        assertFalse(select("noto", EmojiConfig.defaults()).stream()
                .anyMatch(icon -> icon.group().equals(IconSet.PEOPLE)));
    }

    private static List<Icon> select(String set, EmojiConfig config) {
        return SELECTED.computeIfAbsent(set + config, key -> IconSet.select(set, config));
    }

    private static Icon icon(String set, String name, EmojiConfig config) {
        return select(set, config).stream()
                .filter(icon -> icon.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private Progress count(String task, long total) {
        tasks.add(task + " " + total);
        return Progress.silent();
    }

    private static Path onlyFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.reduce((a, b) -> {
                        throw new AssertionError("expected one file, got " + a + " and " + b);
                    })
                    .orElseThrow();
        }
    }
}
