// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.Device;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevicesTest {
    @Test
    void namesAndRangesAreRead() {
        assertEquals(List.of(Device.cpu()), Devices.parse("cpu"));
        assertEquals(List.of(Device.gpu(0)), Devices.parse("cuda"));
        assertEquals(List.of(Device.gpu(3)), Devices.parse("cuda:3"));
        assertEquals(List.of(Device.gpu(1), Device.gpu(2), Device.gpu(3)), Devices.parse("cuda:1-3"));
        assertEquals(List.of(Device.gpu(2), Device.gpu(0)), Devices.parse("cuda:2, cuda:0"));
        assertEquals(List.of(Device.cpu(), Device.cpu()), Devices.parse("cpu,cpu"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tpu | device: expected cpu, cuda:N or cuda:N-M, got tpu",
                "cuda: | device: expected cpu, cuda:N or cuda:N-M, got cuda:",
                "cuda:3-1 | device: expected cuda:N-M with N up to M, got cuda:3-1",
                "cpu,cuda:0 | device: expected devices of one kind, got cpu,cuda:0",
                "cuda:0,cuda | device: expected each GPU once, got cuda:0,cuda",
            })
    void otherNamesAreRefused(String text, String message) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> Devices.parse(text))
                        .getMessage());
    }
}
