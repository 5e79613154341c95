// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.dsr.encoders.text.TextCases;
import ai.dsr.testkit.KindHandler;
import ai.dsr.testkit.ParityRunner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Golden numbers of the encoders and the autoencoder. */
class ReferenceParityTest {
    @TestFactory
    Stream<DynamicTest> casesMatchTheReference() {
        Map<String, KindHandler> handlers = new LinkedHashMap<>();
        handlers.put("encoder.dinov2", EncoderCases::run);
        handlers.put("encoder.dinov2_registers", EncoderCases::run);
        handlers.put("encoder.dinov3", EncoderCases::run);
        handlers.put("encoder.mae", EncoderCases::run);
        handlers.put("encoder.siglip2", EncoderCases::run);
        handlers.put("outliers.norms", RegisterCases::norms);
        handlers.put("rae.encode", AutoencoderCases::encode);
        handlers.put("rae.decode", AutoencoderCases::decode);
        handlers.put("rae.decoder", DecoderCases::decoder);
        handlers.put("rae.pos_embed", DecoderCases::positions);
        handlers.put("rae.stats", AutoencoderCases::statistics);
        handlers.put("stage1.discriminator", CriticCases::discriminator);
        handlers.put("stage1.window_crop", CriticCases::windows);
        handlers.put("text.minilm", TextCases::run);
        handlers.put("ttr.discover", RegisterCases::discover);
        handlers.put("ttr.intervene", RegisterCases::intervene);
        handlers.put("ttr.recursive", RegisterCases::recursive);
        return ParityRunner.tests("dsr-encoders", handlers);
    }
}
