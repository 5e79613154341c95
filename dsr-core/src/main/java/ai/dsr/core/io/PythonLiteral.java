// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the Python literals that headers of {@code .npy} files are written in: a dictionary of texts, truth values,
 * whole numbers, tuples and lists. Nothing is evaluated.
 */
final class PythonLiteral {
    private static final int MAX_DEPTH = 8; // nested descriptions of records; those are refused later, by their type

    private final String text;
    private int at;

    private PythonLiteral(String text) {
        this.text = text;
    }

    /**
     * The dictionary that is the whole of {@code text}, white space aside; values are String, Boolean, Long, Map or List.
     *
     * @throws IllegalArgumentException without a subject, if it is none
     */
    static Map<String, Object> dictionary(String text) {
        PythonLiteral literal = new PythonLiteral(text);
        Object value = literal.value(0);
        literal.skipSpace();
        if (!(value instanceof Map<?, ?> map) || literal.at < text.length()) {
            throw literal.wrong("a dictionary and nothing after it");
        }
        Map<String, Object> result = new LinkedHashMap<>();
        map.forEach((key, entry) -> result.put((String) key, entry));
        return result;
    }

    private Object value(int depth) {
        skipSpace();
        if (depth > MAX_DEPTH || at >= text.length()) {
            throw wrong("a value");
        }
        char c = text.charAt(at);
        if (c == '{') {
            return map(depth);
        }
        if (c == '(' || c == '[') {
            return list(c == '(' ? ')' : ']', depth);
        }
        if (c == '\'' || c == '"') {
            return string(c);
        }
        if (c == '-' || Character.isDigit(c)) {
            return number();
        }
        for (boolean truth : new boolean[] {true, false}) {
            String name = truth ? "True" : "False";
            if (text.startsWith(name, at)) {
                at += name.length();
                return truth;
            }
        }
        throw wrong("a value");
    }

    private Map<String, Object> map(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        while (!ends('}')) {
            if (!(value(depth + 1) instanceof String key)) {
                throw wrong("a text as key");
            }
            expect(':');
            if (map.put(key, value(depth + 1)) != null) {
                throw wrong("distinct keys");
            }
            separate('}');
        }
        return map;
    }

    private List<Object> list(char end, int depth) {
        List<Object> list = new ArrayList<>();
        at++;
        while (!ends(end)) {
            list.add(value(depth + 1));
            separate(end);
        }
        return list;
    }

    private String string(char quote) {
        int end = text.indexOf(quote, at + 1);
        if (end < 0) {
            throw wrong("a closing quote");
        }
        String value = text.substring(at + 1, end);
        at = end + 1;
        return value;
    }

    private Long number() {
        int start = at++;
        while (at < text.length() && Character.isDigit(text.charAt(at))) {
            at++;
        }
        try {
            long number = Long.parseLong(text.substring(start, at));
            if (at < text.length() && text.charAt(at) == 'L') { // Python 2's long
                at++;
            }
            return number;
        } catch (NumberFormatException e) {
            throw wrong("a whole number below 2^63");
        }
    }

    private boolean ends(char end) {
        skipSpace();
        if (at < text.length() && text.charAt(at) == end) {
            at++;
            return true;
        }
        return false;
    }

    private void separate(char end) {
        skipSpace();
        if (at >= text.length() || text.charAt(at) != end) {
            expect(',');
        }
    }

    private void expect(char c) {
        skipSpace();
        if (at >= text.length() || text.charAt(at) != c) {
            throw wrong("'" + c + "'");
        }
        at++;
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private IllegalArgumentException wrong(String expected) {
        String rest = text.substring(Math.min(at, text.length())).strip();
        String shown = rest.isEmpty() ? "the end" : rest.length() > 40 ? rest.substring(0, 40) + "..." : rest;
        return new IllegalArgumentException("header: expected " + expected + ", got " + shown);
    }
}
