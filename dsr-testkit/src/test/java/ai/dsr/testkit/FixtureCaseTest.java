// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class FixtureCaseTest {
    @TempDir
    private Path root;

    @Test
    void tensorsAreGroupedByTheirPrefix(NDManager manager) throws IOException {
        Path folder = new CaseWriter(root)
                .floats("param/blocks.1.weight", "[2, 1]", 5, 6)
                .floats("param/blocks.0.weight", "[]", 7)
                .longs("in/labels", "[2]", 3, -4)
                .floats("out/step0/y", "[1]", 1)
                .floats("grad/in.x", "[1]", 2)
                .floats("empty", "[1]", 0)
                .write("k", "c");
        FixtureCase fixture = FixtureCase.load(folder, manager);
        assertEquals(
                List.of("blocks.1.weight", "blocks.0.weight"),
                List.copyOf(fixture.params().keySet()));
        assertEquals(new Shape(2, 1), fixture.param("blocks.1.weight").getShape());
        assertEquals(7, fixture.param("blocks.0.weight").getFloat());
        assertArrayEquals(new long[] {3, -4}, fixture.in("labels").toLongArray());
        assertEquals(Set.of("step0/y"), fixture.outNames());
        assertEquals(new Tolerance(0.01, 0), fixture.tolerance("step0/y"));
        assertEquals(Set.of("in.x"), fixture.gradNames());
        assertTrue(fixture.hasIn("labels") && !fixture.hasIn("x") && !fixture.hasOut("empty"));
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> fixture.in("x"));
        assertTrue(error.getMessage().contains("in/x: expected one of [labels]"), error.getMessage());
    }

    @Test
    void everyElementTypeOfTheFormatIsRead(NDManager manager) throws IOException {
        byte one = 0x3f;
        Path folder = new CaseWriter(root)
                .raw(
                        "in/f64",
                        "F64",
                        "[]",
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0,
                        (byte) 0xf0,
                        one)
                .raw("in/f16", "F16", "[1]", (byte) 0, (byte) 0x3c)
                .raw("in/bf16", "BF16", "[1]", (byte) 0x80, one)
                .raw("in/i32", "I32", "[1]", (byte) -2, (byte) -1, (byte) -1, (byte) -1)
                .raw("in/i16", "I16", "[2]", (byte) -2, (byte) -1, (byte) 0, (byte) 1)
                .raw("in/i8", "I8", "[1]", (byte) -2)
                .raw("in/u8", "U8", "[1]", (byte) -2)
                .raw("in/bool", "BOOL", "[2]", (byte) 1, (byte) 0)
                .raw("in/empty", "F32", "[0, 3]")
                .write("k", "c");
        FixtureCase fixture = FixtureCase.load(folder, manager);
        assertEquals(1.0, fixture.in("f64").getDouble());
        assertEquals(DataType.FLOAT16, fixture.in("f16").getDataType());
        assertEquals(DataType.FLOAT32, fixture.in("bf16").getDataType());
        for (String name : List.of("f16", "bf16")) {
            NDArray value = fixture.in(name).toType(DataType.FLOAT32, true);
            assertArrayEquals(new float[] {1}, value.toFloatArray());
        }
        assertArrayEquals(new int[] {-2}, fixture.in("i32").toIntArray());
        assertArrayEquals(new int[] {-2, 256}, fixture.in("i16").toIntArray());
        assertArrayEquals(new byte[] {-2}, fixture.in("i8").toByteArray());
        assertArrayEquals(
                new int[] {254}, fixture.in("u8").toType(DataType.INT32, true).toIntArray());
        assertArrayEquals(new boolean[] {true, false}, fixture.in("bool").toBooleanArray());
        assertEquals(new Shape(0, 3), fixture.in("empty").getShape());
    }

    @Test
    void wrongSizesAndTypesAreRefused(NDManager manager) throws IOException {
        Path tooShort = new CaseWriter(root).floats("in/x", "[3]", 1, 2).write("k", "short");
        IllegalArgumentException size =
                assertThrows(IllegalArgumentException.class, () -> FixtureCase.load(tooShort, manager));
        assertTrue(
                size.getMessage().contains("in/x: 12 bytes inside the file, got bytes 0 to 8 of 8"), size.getMessage());
        Path complex = new CaseWriter(root).raw("in/x", "C64", "[0]").write("k", "complex");
        IllegalArgumentException type =
                assertThrows(IllegalArgumentException.class, () -> FixtureCase.load(complex, manager));
        assertTrue(type.getMessage().endsWith("got C64"), type.getMessage());
    }

    @Test
    void anOutputWithoutToleranceIsRefused(NDManager manager) throws IOException {
        Path folder =
                new CaseWriter(root).floats("grad/w", "[1]", 1).gradients("{}").write("k", "c");
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> FixtureCase.load(folder, manager));
        assertTrue(
                error.getMessage().contains("gradients: expected numbers atol and rtol, got {}"), error.getMessage());
    }

    @Test
    void everyStoredCaseLoadsAndEqualsItself() {
        List<CaseFile> files = CaseFile.find(ParitySettings.fromProperties().root());
        assertTrue(!files.isEmpty());
        for (CaseFile file : files) {
            try (NDManager manager = EngineSetup.newManager()) {
                FixtureCase fixture = FixtureCase.load(file, manager);
                fixture.outNames().forEach(name -> TensorAssert.assertSame(fixture.out(name), fixture.out(name)));
            }
        }
    }
}
