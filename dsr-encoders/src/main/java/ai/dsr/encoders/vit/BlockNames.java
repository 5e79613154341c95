// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import java.util.Set;

/**
 * What a family of checkpoints calls the parts of a block.
 *
 * @param norm1 layer norm before attention
 * @param query linear layer of the queries
 * @param key linear layer of the keys
 * @param value linear layer of the values
 * @param attentionOut linear layer after attention
 * @param scale1 factor of the attention branch, or null if the family has none
 * @param norm2 layer norm before the MLP
 * @param mlpIn first linear layer of the MLP
 * @param mlpGate linear layer of the gate, or null if the family has none apart from {@code mlpIn}
 * @param mlpOut last linear layer of the MLP
 * @param scale2 factor of the MLP branch, or null if the family has none
 */
public record BlockNames(
        String norm1,
        String query,
        String key,
        String value,
        String attentionOut,
        String scale1,
        String norm2,
        String mlpIn,
        String mlpGate,
        String mlpOut,
        String scale2) {

    /** DINOv2, with or without registers, with the plain MLP. */
    public static BlockNames dinov2() {
        return dinov2("mlp.fc1", "mlp.fc2");
    }

    /** DINOv2 with the gated MLP of its largest model. */
    public static BlockNames dinov2SwiGlu() {
        return dinov2("mlp.weights_in", "mlp.weights_out");
    }

    private static BlockNames dinov2(String mlpIn, String mlpOut) {
        return new BlockNames(
                "norm1",
                "attention.attention.query",
                "attention.attention.key",
                "attention.attention.value",
                "attention.output.dense",
                "layer_scale1.lambda1",
                "norm2",
                mlpIn,
                null,
                mlpOut,
                "layer_scale2.lambda1");
    }

    /** DINOv3; the gate is used by its largest models only. */
    public static BlockNames dinov3() {
        return new BlockNames(
                "norm1",
                "attention.q_proj",
                "attention.k_proj",
                "attention.v_proj",
                "attention.o_proj",
                "layer_scale1.lambda1",
                "norm2",
                "mlp.up_proj",
                "mlp.gate_proj",
                "mlp.down_proj",
                "layer_scale2.lambda1");
    }

    /** SigLIP and SigLIP2. */
    public static BlockNames siglip2() {
        return new BlockNames(
                "layer_norm1",
                "self_attn.q_proj",
                "self_attn.k_proj",
                "self_attn.v_proj",
                "self_attn.out_proj",
                null,
                "layer_norm2",
                "mlp.fc1",
                null,
                "mlp.fc2",
                null);
    }

    /** The masked autoencoder's encoder, and every decoder of a representation autoencoder. */
    public static BlockNames mae() {
        return new BlockNames(
                "layernorm_before",
                "attention.attention.query",
                "attention.attention.key",
                "attention.attention.value",
                "attention.output.dense",
                null,
                "layernorm_after",
                "intermediate.dense",
                null,
                "output.dense",
                null);
    }

    /** The three linear layers before attention. */
    public Set<String> queryKeyValue() {
        return Set.of(query, key, value);
    }
}
