// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** Text chunks of PNG files: {@code iTXt}, a keyword and a text in UTF-8 each. */
public final class PngText {
    private static final String FORMAT = "javax_imageio_png_1.0";
    private static final String CHUNK = "iTXt";
    private static final String ENTRY = "iTXtEntry";

    /** What the PNG specification allows, without the spaces that it allows inside. */
    private static final Pattern KEYWORD = Pattern.compile("[\\x21-\\x7e]{1,79}");

    private PngText() {}

    /**
     * The text chunks of a file by keyword, in the file's order; empty if it has none.
     *
     * @throws UncheckedIOException naming the file if it is no PNG that can be read
     */
    public static Map<String, String> read(Path file) {
        try (ImageInputStream stream =
                Files.isRegularFile(file) ? ImageIO.createImageInputStream(file.toFile()) : null) {
            Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("png");
            if (stream == null || !readers.hasNext()) {
                throw new IOException("no such file");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(stream, true, false);
                return texts(reader.getImageMetadata(0).getAsTree(FORMAT));
            } finally {
                reader.dispose();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": expected a PNG file: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> texts(Node tree) {
        Map<String, String> texts = new LinkedHashMap<>();
        NodeList entries = ((IIOMetadataNode) tree).getElementsByTagName(ENTRY);
        for (int i = 0; i < entries.getLength(); i++) {
            IIOMetadataNode entry = (IIOMetadataNode) entries.item(i);
            texts.put(entry.getAttribute("keyword"), entry.getAttribute("text"));
        }
        return texts;
    }

    /** Adds chunks to the metadata of a picture that is about to be written. */
    static void add(IIOMetadata metadata, Map<String, String> texts) throws IIOInvalidTreeException {
        IIOMetadataNode chunk = new IIOMetadataNode(CHUNK);
        texts.forEach((keyword, text) -> {
            if (!KEYWORD.matcher(keyword).matches()) {
                throw new IllegalArgumentException(
                        "PNG keyword: expected 1 to 79 printable ASCII characters, got \"" + keyword + "\"");
            }
            IIOMetadataNode entry = new IIOMetadataNode(ENTRY);
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("compressionFlag", "FALSE");
            entry.setAttribute("compressionMethod", "0");
            entry.setAttribute("languageTag", "");
            entry.setAttribute("translatedKeyword", "");
            entry.setAttribute("text", text);
            chunk.appendChild(entry);
        });
        IIOMetadataNode root = new IIOMetadataNode(FORMAT);
        root.appendChild(chunk);
        metadata.mergeTree(FORMAT, root);
    }
}
