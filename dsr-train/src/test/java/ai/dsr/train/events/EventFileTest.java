// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.events;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;

class EventFileTest {
    @TempDir
    private Path folder;

    @Test
    void theChecksumIsThatOfThePublishedExample() {
        // RFC 3720, B.4: the CRC-32C of 32 zero bytes is 0x8a9136aa
        int masked = EventFile.maskedCrc(new byte[32], 0, 32);
        assertEquals(Integer.rotateRight(0x8a9136aa, 15) + 0xa282ead8, masked);
        assertEquals(0xe3069283, crcOf("123456789")); // the check value of the algorithm
    }

    private static int crcOf(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return Integer.rotateLeft(EventFile.maskedCrc(bytes, 0, bytes.length) - 0xa282ead8, 15);
    }

    @Test
    void numbersAndPicturesComeBack() throws IOException {
        EventFile file = new EventFile(folder);
        assertFalse(Files.exists(file.path()), "a run that logs nothing leaves no file");
        file.scalars(3, Map.of("loss", 0.5));
        file.image(4, "samples", new byte[] {1, 2, 3}, 20, 10);
        file.restartAt(4);
        assertTrue(file.path().getFileName().toString().startsWith("events.out.tfevents."));
        List<Event> events = EventReader.read(file.path());
        assertEquals(4, events.size());
        assertEquals("brain.Event:2", events.get(0).getFileVersion());
        Summary.Value loss = events.get(1).getSummary().getValue(0);
        assertEquals(3, events.get(1).getStep());
        assertEquals("loss", loss.getTag());
        assertEquals(0.5f, loss.getSimpleValue());
        Summary.Image image = events.get(2).getSummary().getValue(0).getImage();
        assertEquals(List.of(20, 10, 3), List.of(image.getWidth(), image.getHeight(), image.getColorspace()));
        assertArrayEquals(new byte[] {1, 2, 3}, image.getEncodedImageString().toByteArray());
        assertEquals(
                SessionLog.SessionStatus.START, events.get(3).getSessionLog().getStatus());
        assertEquals(4, events.get(3).getStep());
        assertTrue(events.get(3).getWallTime() > 1.7e9);
    }
}
