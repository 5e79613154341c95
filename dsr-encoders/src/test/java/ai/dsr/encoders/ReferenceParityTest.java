// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.dsr.encoders.text.TextCases;
import ai.dsr.testkit.ParityRunner;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Golden numbers of the encoders and the autoencoder. */
class ReferenceParityTest {
    @TestFactory
    Stream<DynamicTest> casesMatchTheReference() {
        return ParityRunner.tests(
                "dsr-encoders",
                Map.of(
                        "encoder.dinov2",
                        EncoderCases::run,
                        "encoder.dinov2_registers",
                        EncoderCases::run,
                        "rae.encode",
                        AutoencoderCases::encode,
                        "rae.decode",
                        AutoencoderCases::decode,
                        "rae.decoder",
                        DecoderCases::decoder,
                        "rae.pos_embed",
                        DecoderCases::positions,
                        "rae.stats",
                        AutoencoderCases::statistics,
                        "text.minilm",
                        TextCases::run));
    }
}
