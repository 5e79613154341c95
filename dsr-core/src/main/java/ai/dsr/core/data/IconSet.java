// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.io.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Selects the emoji of one icon set of the iconify collection, which lies on the class path. */
final class IconSet {
    /** The emoji groups of Unicode; people last, so that labels do not depend on whether they take part. */
    static final List<String> GROUPS = List.of(
            "Activities",
            "Animals & Nature",
            "Flags",
            "Food & Drink",
            "Objects",
            "Smileys & Emotion",
            "Symbols",
            "Travel & Places",
            "People & Body");

    static final String PEOPLE = "People & Body";

    private static final String VERSION_FILE = "/META-INF/maven/org.webjars.npm/iconify__json/pom.properties";
    private static final String FOLDER = "/META-INF/resources/webjars/iconify__json/";
    private static final int DEFAULT_SIDE = 16; // of the iconify format
    private static final Pattern TONE = Pattern.compile("-skin-tone|-tone[1-5]");
    private static final Pattern FLUENT_TONE = Pattern.compile("-(medium-dark|medium-light|dark|light|medium)$");
    private static final Pattern TONE_CODE = Pattern.compile("-1f3f[b-f]");
    private static final Comparator<String> STANDARD_CODES_FIRST =
            Comparator.<String, Boolean>comparing(IconSet::isPrivateUse).thenComparing(IconSet::codes, Arrays::compare);

    private IconSet() {}

    /** The version of the icon collection. */
    static String version() {
        try (InputStream stream = open(VERSION_FILE)) {
            Properties properties = new Properties();
            properties.load(stream);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(VERSION_FILE + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The icons of a set that {@code config} selects, by name. Icons outside the standard groups are no emoji. */
    static List<Icon> select(String set, EmojiConfig config) {
        JsonNode root = read(set);
        JsonNode icons = root.path("icons");
        int width = root.path("width").asInt(DEFAULT_SIDE);
        int height = root.path("height").asInt(DEFAULT_SIDE);
        Map<String, String> keys = keys(root.path("chars"));
        List<Icon> selected = new ArrayList<>();
        new TreeMap<>(groups(root.path("categories"))).forEach((name, group) -> {
            JsonNode icon = icons.path(name);
            boolean isPerson = group.equals(PEOPLE);
            boolean isWanted = !isPerson || (config.people() && (config.skinTones() || !hasTone(name, icons)));
            if (isWanted && icon.hasNonNull("body")) {
                selected.add(new Icon(
                        set,
                        name,
                        group,
                        keys.getOrDefault(name, name),
                        icon.path("width").asInt(width),
                        icon.path("height").asInt(height),
                        icon.path("body").asText()));
            }
        });
        return selected;
    }

    /** Name to group: of several the first, among the standard ones. */
    private static Map<String, String> groups(JsonNode categories) {
        Map<String, String> groups = new HashMap<>();
        categories.fields().forEachRemaining(entry -> {
            String group = standardGroup(entry.getKey());
            if (group != null) {
                entry.getValue().forEach(name -> groups.putIfAbsent(name.asText(), group));
            }
        });
        return groups;
    }

    /** The standard name of a group that may lack its ampersand, or null. */
    private static String standardGroup(String written) {
        return GROUPS.stream()
                .filter(group ->
                        group.equals(written) || group.replace(" & ", " ").equals(written))
                .findFirst()
                .orElse(null);
    }

    private static boolean hasTone(String name, JsonNode icons) {
        if (TONE.matcher(name).find()) {
            return true;
        }
        String base = FLUENT_TONE.matcher(name).replaceFirst("");
        return base.length() < name.length() && icons.has(base);
    }

    private static Map<String, String> keys(JsonNode chars) {
        Map<String, String> keys = new HashMap<>();
        chars.fields()
                .forEachRemaining(entry -> keys.merge(
                        entry.getValue().asText(),
                        entry.getKey(),
                        (a, b) -> STANDARD_CODES_FIRST.compare(a, b) <= 0 ? a : b));
        keys.replaceAll((name, key) -> TONE_CODE.matcher(key).replaceAll(""));
        return keys;
    }

    private static boolean isPrivateUse(String key) {
        return Character.getType(codes(key)[0]) == Character.PRIVATE_USE;
    }

    private static int[] codes(String key) {
        return Arrays.stream(key.split("-", -1))
                .mapToInt(code -> Integer.parseInt(code, 16))
                .toArray();
    }

    private static JsonNode read(String set) {
        String file = FOLDER + version() + "/json/" + set + ".json";
        try (InputStream stream = open(file)) {
            return Json.parse(stream.readAllBytes(), JsonNode.class, file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static InputStream open(String file) {
        InputStream stream = IconSet.class.getResourceAsStream(file);
        if (stream == null) {
            throw new IllegalStateException(
                    file + ": expected on the class path, got nothing; add org.webjars.npm:iconify__json");
        }
        return stream;
    }
}
