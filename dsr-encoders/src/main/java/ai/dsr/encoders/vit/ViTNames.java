// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.io.StateDict;
import java.util.Set;

/**
 * What a family of checkpoints calls the parts around the blocks.
 *
 * @param prefix stands before all names in files that hold more than the encoder, such as {@code "vit."}
 * @param classToken the class token, or null if the family has none
 * @param registers the trained registers, or null if the family has none
 * @param positions the position table, or null if positions are rotary
 * @param patchConv the convolution of the patches
 * @param blocks the list of blocks
 * @param norm the final layer norm
 */
public record ViTNames(
        String prefix,
        String classToken,
        String registers,
        String positions,
        String patchConv,
        String blocks,
        String norm) {

    private static final String EMBEDDINGS = "embeddings.";

    /** What only pretraining uses, and a buffer that old files carry. */
    private static final Set<String> UNUSED = Set.of("embeddings.mask_token", "embeddings.position_ids");

    /** DINOv2 without registers. */
    public static ViTNames dinov2() {
        return withClassToken("dinov2.", null, "embeddings.patch_embeddings.projection", "encoder.layer", "layernorm");
    }

    /** DINOv2 with registers. */
    public static ViTNames dinov2Registers() {
        return withClassToken(
                "dinov2_with_registers.",
                "embeddings.register_tokens",
                "embeddings.patch_embeddings.projection",
                "encoder.layer",
                "layernorm");
    }

    /** The encoder of a masked autoencoder. */
    public static ViTNames mae() {
        return withClassToken("vit.", null, "embeddings.patch_embeddings.projection", "encoder.layer", "layernorm");
    }

    private static ViTNames withClassToken(
            String prefix, String registers, String patchConv, String blocks, String norm) {
        return new ViTNames(
                prefix, "embeddings.cls_token", registers, "embeddings.position_embeddings", patchConv, blocks, norm);
    }

    /** DINOv3. */
    public static ViTNames dinov3() {
        return new ViTNames(
                "",
                "embeddings.cls_token",
                "embeddings.register_tokens",
                null,
                "embeddings.patch_embeddings",
                "layer",
                "norm");
    }

    /** SigLIP and SigLIP2. */
    public static ViTNames siglip2() {
        return new ViTNames(
                "vision_model.",
                null,
                null,
                "embeddings.position_embedding.weight",
                "embeddings.patch_embedding",
                "encoder.layers",
                "post_layernorm");
    }

    /**
     * The entries of a file that belong to the encoder, without {@link #prefix}. Text towers, heads, decoders and mask
     * tokens are left out, and empty tensors too: a family that has registers stores none of them as a tensor.
     */
    StateDict select(StateDict file) {
        boolean isPrefixed = !prefix.isEmpty() && file.names().stream().anyMatch(name -> name.startsWith(prefix));
        StateDict own = isPrefixed ? file.under(prefix) : file;
        return own.filter(name -> isOwn(name) && own.get(name).size() > 0);
    }

    private boolean isOwn(String name) {
        return !UNUSED.contains(name)
                && (name.startsWith(EMBEDDINGS) || name.startsWith(blocks + ".") || name.startsWith(norm + "."));
    }
}
