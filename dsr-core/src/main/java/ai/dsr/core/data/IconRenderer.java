// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.image.RgbImage;
import com.github.weisj.jsvg.SVGDocument;
import com.github.weisj.jsvg.parser.LoaderContext;
import com.github.weisj.jsvg.parser.SVGLoader;
import com.github.weisj.jsvg.view.ViewBox;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;

/** Draws SVG icons on white: antialiased, centred in a square, proportions kept. */
final class IconRenderer {
    /** Part of the cache key: to be raised whenever the same icon would look different. */
    static final int VERSION = 1;

    private IconRenderer() {}

    /** The version of the SVG library. */
    static String libraryVersion() {
        return String.valueOf(SVGLoader.class.getPackage().getImplementationVersion());
    }

    /**
     * Draws an icon {@code size x size} pixels.
     *
     * @throws IllegalArgumentException if its SVG cannot be drawn
     */
    static RgbImage render(Icon icon, int size) {
        int side = Math.max(icon.width(), icon.height());
        float left = (icon.width() - side) / 2f;
        float top = (icon.height() - side) / 2f;
        String svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\""
                + left + " " + top + " " + side + " " + side + "\" width=\"" + size + "\" height=\"" + size
                + "\" color=\"black\">" + icon.body() + "</svg>";
        SVGDocument document = new SVGLoader()
                .load(
                        new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)),
                        null,
                        LoaderContext.createDefault());
        if (document == null) {
            throw new IllegalArgumentException(icon.id() + ": expected valid SVG, got " + icon.body());
        }
        BufferedImage image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, size, size);
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_RENDERING, RenderingHints.VALUE_RENDER_QUALITY);
            graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
            document.render(null, graphics, new ViewBox(0, 0, size, size));
        } finally {
            graphics.dispose();
        }
        return RgbImage.of(image);
    }
}
