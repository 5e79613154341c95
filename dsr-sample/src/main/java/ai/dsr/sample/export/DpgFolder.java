// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.export;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.PillowResize;
import ai.dsr.core.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The folder that DPG-Bench's scorer reads (Hu et al., 2024): one {@code <id>.png} a prompt, which holds its pictures as
 * tiles without gaps, row by row.
 *
 * <p>The folder holds nothing else, not even what a killed export left behind: that is deleted when the layout opens.
 */
public final class DpgFolder implements PromptLayout {
    private static final String LEFTOVER = "\\..+\\.png\\.[0-9a-f-]{36}\\.tmp";
    private static final String PROMPT = ".txt";

    private final Path root;
    private final List<String> ids;
    private final List<String> prompts;
    private final int imagesEach;
    private final int resolution;

    /**
     * A layout.
     *
     * @param root the folder, which need not exist
     * @param prompts text by id, in order
     * @param imagesEach tiles: 1, 4 or another square
     * @param resolution side of a tile in pixels; pictures of another size are resized
     * @throws IllegalArgumentException if an id has a dot, which the scorer would cut it at
     */
    public DpgFolder(Path root, Map<String, String> prompts, int imagesEach, int resolution) {
        if (side(imagesEach) * side(imagesEach) != imagesEach || imagesEach < 1) {
            throw new IllegalArgumentException("pic_num: expected a square such as 1 or 4, got " + imagesEach);
        }
        if (resolution < 1) {
            throw new IllegalArgumentException("resolution: expected 1 or more pixels, got " + resolution);
        }
        this.root = root;
        ids = List.copyOf(prompts.keySet());
        this.prompts = List.copyOf(prompts.values());
        this.imagesEach = imagesEach;
        this.resolution = resolution;
        for (String id : ids) {
            if (id.isEmpty() || id.contains(".")) {
                throw new IllegalArgumentException(
                        "prompt file: expected a name with one dot, as in partiprompts12.txt, got " + id + PROMPT);
            }
        }
        removeLeftovers();
    }

    private static int side(int tiles) {
        return (int) Math.round(Math.sqrt(tiles));
    }

    private void removeLeftovers() {
        if (!Files.isDirectory(root)) {
            return;
        }
        try (Stream<Path> files = Files.list(root)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().matches(LEFTOVER)) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(root + ": cannot be tidied: " + e.getMessage(), e);
        }
    }

    /** The prompt files {@code <id>.txt} of a folder, by id in order of their names; a final line end is cut off. */
    public static Map<String, String> read(Path folder) {
        Map<String, String> prompts = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(PROMPT)) {
                    String id = name.substring(0, name.length() - PROMPT.length());
                    prompts.put(id, Files.readString(file).stripTrailing());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": expected a folder of prompt files: " + e.getMessage(), e);
        }
        if (prompts.isEmpty()) {
            throw new IllegalArgumentException(folder + ": expected prompt files <id>.txt, got none");
        }
        return new LinkedHashMap<>(prompts);
    }

    @Override
    public int size() {
        return ids.size();
    }

    @Override
    public String prompt(int i) {
        return prompts.get(i);
    }

    @Override
    public int imagesEach() {
        return imagesEach;
    }

    @Override
    public Path evidence(int i) {
        return root.resolve(ids.get(i) + ".png");
    }

    @Override
    public boolean isDone(int i) {
        return Files.exists(evidence(i));
    }

    @Override
    public void write(int i, List<RgbImage> images, List<Map<String, String>> texts) {
        ImageCodec.writePng(evidence(i), tiles(images), texts.get(0));
    }

    private RgbImage tiles(List<RgbImage> images) {
        int side = side(imagesEach);
        int row = resolution * RgbImage.CHANNELS;
        byte[] pixels = new byte[imagesEach * resolution * row];
        for (int tile = 0; tile < imagesEach; tile++) {
            RgbImage image = images.get(tile);
            boolean fits = image.width() == resolution && image.height() == resolution;
            byte[] bytes = (fits ? image : PillowResize.bicubic(image, resolution, resolution)).toBytes();
            for (int y = 0; y < resolution; y++) {
                int line = (tile / side * resolution + y) * side + tile % side;
                System.arraycopy(bytes, y * row, pixels, line * row, row);
            }
        }
        return RgbImage.of(side * resolution, side * resolution, pixels);
    }
}
