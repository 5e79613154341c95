// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The published heads of LPIPS, version 0.1 for VGG-16: a number for every channel of the five features.
 *
 * <p>Made by Richard Zhang, Phillip Isola, Alexei A. Efros, Eli Shechtman and Oliver Wang, BSD 2-clause licence. The
 * resource has them as float32 one after the other, without names, as they lie in the original {@code v0.1/vgg.pth} of MD5
 * {@code d507d7349b931f0638a25a48a722f98a}.
 */
public final class LpipsHeads {
    private static final String RESOURCE = "lpips-vgg-v0.1.f32";

    private LpipsHeads() {}

    /** The heads under their published names, {@code lin0.model.1.weight (1, 64, 1, 1)} and so on. */
    public static StateDict published() {
        ByteBuffer bytes = ByteBuffer.wrap(read()).order(ByteOrder.LITTLE_ENDIAN);
        Map<String, TensorData> heads = new LinkedHashMap<>();
        for (int channels : Vgg16Features.channels()) {
            float[] values = new float[channels];
            for (int i = 0; i < channels; i++) {
                values[i] = bytes.getFloat();
            }
            heads.put(name(heads.size()), TensorData.of(values, 1, channels, 1, 1));
        }
        return StateDict.of(RESOURCE, heads);
    }

    static String name(int layer) {
        return "lin" + layer + ".model.1.weight";
    }

    private static byte[] read() {
        try (InputStream in = LpipsHeads.class.getResourceAsStream(RESOURCE)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("LPIPS: cannot read " + RESOURCE, e);
        }
    }
}
