// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reverse of {@link RecordBinder}: records to plain maps, lists and scalars with the keys of the file. */
final class RecordWriter {
    private RecordWriter() {}

    /** Every component by key, defaults and nulls included. */
    static Object toPlain(Object value) {
        if (value instanceof Record record) {
            Map<String, Object> plain = new LinkedHashMap<>();
            for (RecordSchema.Component component :
                    RecordSchema.of(record.getClass()).components()) {
                plain.put(component.key(), toPlain(component.valueIn(record)));
            }
            return plain;
        } else if (value instanceof List<?> list) {
            List<Object> plain = new ArrayList<>();
            list.forEach(item -> plain.add(toPlain(item)));
            return plain;
        } else if (value instanceof Map<?, ?> map) {
            Map<String, Object> plain = new LinkedHashMap<>();
            map.forEach((key, item) -> plain.put(String.valueOf(key), toPlain(item)));
            return plain;
        } else if (value instanceof Config config) {
            return config.toMap();
        } else if (value instanceof Enum<?> constant) {
            return EnumNames.spelling(constant);
        } else if (value instanceof Path path) {
            return path.toString();
        } else if (value instanceof Float number) {
            return Double.valueOf(number.toString()); // 0.1f is 0.1 in the file
        }
        return value;
    }
}
