// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A contact sheet: images row by row, each enlarged by a whole factor so that its pixels stay visible, with optional
 * labels below them and a title above.
 *
 * <p>Immutable; {@code ImageGrid.of(images, 4).withLabels(captions).withTitle("step 100").render()}.
 */
public final class ImageGrid {
    private static final int READABLE_SIDE = 128;
    private static final int GAP = 6;
    private static final int MAX_LABEL_LINES = 3;
    private static final Font LABEL_FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    private static final Font TITLE_FONT = new Font(Font.SANS_SERIF, Font.BOLD, 15);

    private final List<RgbImage> images;
    private final int columns;
    private final int factor;
    private final List<String> labels;
    private final String title;

    private ImageGrid(List<RgbImage> images, int columns, int factor, List<String> labels, String title) {
        this.images = images;
        this.columns = columns;
        this.factor = factor;
        this.labels = labels;
        this.title = title;
    }

    /**
     * A grid without text, its largest side enlarged to at least 128 pixels.
     *
     * @param images 1 or more, in reading order; sizes may differ, smaller ones are centred in their cell
     * @param columns images in a row, 1 or more
     */
    public static ImageGrid of(List<RgbImage> images, int columns) {
        if (images.isEmpty() || columns < 1) {
            throw new IllegalArgumentException("grid: expected 1 or more images and columns, got " + images.size()
                    + " images in " + columns + " columns");
        }
        int side = images.stream()
                .mapToInt(image -> Math.max(image.width(), image.height()))
                .max()
                .orElseThrow();
        int factor = Math.max(1, (READABLE_SIDE + side - 1) / side);
        return new ImageGrid(List.copyOf(images), Math.min(columns, images.size()), factor, List.of(), "");
    }

    /** The same grid with each pixel drawn {@code newFactor x newFactor}, 1 or more. */
    public ImageGrid withFactor(int newFactor) {
        if (newFactor < 1) {
            throw new IllegalArgumentException("factor: expected 1 or more, got " + newFactor);
        }
        return new ImageGrid(images, columns, newFactor, labels, title);
    }

    /** The same grid with a text below each image, wrapped to three lines at most; one label an image. */
    public ImageGrid withLabels(List<String> newLabels) {
        if (newLabels.size() != images.size()) {
            throw new IllegalArgumentException(
                    "labels: expected one for each of " + images.size() + " images, got " + newLabels.size());
        }
        return new ImageGrid(images, columns, factor, List.copyOf(newLabels), title);
    }

    /** The same grid with a line above it; an empty one removes it. */
    public ImageGrid withTitle(String newTitle) {
        return new ImageGrid(images, columns, factor, labels, newTitle);
    }

    /** Draws the grid, black on white. */
    public RgbImage render() {
        FontMetrics labelMetrics = labels.isEmpty() ? null : metrics(LABEL_FONT);
        FontMetrics titleMetrics = title.isEmpty() ? null : metrics(TITLE_FONT);
        int cellWidth = factor * images.stream().mapToInt(RgbImage::width).max().orElseThrow();
        int cellHeight =
                factor * images.stream().mapToInt(RgbImage::height).max().orElseThrow();
        List<List<String>> texts = new ArrayList<>();
        for (String label : labels) {
            texts.add(wrap(label, cellWidth, labelMetrics));
        }
        int lines = texts.stream().mapToInt(List::size).max().orElse(0);
        int textHeight = lines == 0 ? 0 : lines * labelMetrics.getHeight() + GAP / 2;
        int titleHeight = titleMetrics == null ? 0 : titleMetrics.getHeight() + GAP;
        int rows = (images.size() + columns - 1) / columns;
        int width = GAP + columns * (cellWidth + GAP);
        int height = GAP + titleHeight + rows * (cellHeight + textHeight + GAP);

        BufferedImage canvas = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = newGraphics(canvas);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(Color.BLACK);
        if (titleMetrics != null) {
            graphics.setFont(TITLE_FONT);
            graphics.drawString(fit(title, width - 2 * GAP, titleMetrics), GAP, GAP + titleMetrics.getAscent());
        }
        for (int i = 0; i < images.size(); i++) {
            int x = GAP + i % columns * (cellWidth + GAP);
            int y = GAP + titleHeight + i / columns * (cellHeight + textHeight + GAP);
            drawImage(graphics, images.get(i), x, y, cellWidth, cellHeight);
            if (!texts.isEmpty()) {
                drawText(graphics, texts.get(i), labelMetrics, x, y + cellHeight + GAP / 2, cellWidth);
            }
        }
        graphics.dispose();
        return RgbImage.of(canvas);
    }

    private void drawImage(Graphics2D graphics, RgbImage image, int x, int y, int cellWidth, int cellHeight) {
        int width = image.width() * factor;
        int height = image.height() * factor;
        int left = x + (cellWidth - width) / 2;
        int top = y + (cellHeight - height) / 2;
        graphics.drawImage(image.toBufferedImage(), left, top, width, height, null);
    }

    private static void drawText(
            Graphics2D graphics, List<String> lines, FontMetrics metrics, int x, int y, int cellWidth) {
        graphics.setFont(LABEL_FONT);
        int baseline = y + metrics.getAscent();
        for (String line : lines) {
            graphics.drawString(line, x + (cellWidth - metrics.stringWidth(line)) / 2, baseline);
            baseline += metrics.getHeight();
        }
    }

    private static List<String> wrap(String text, int width, FontMetrics metrics) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.strip().split("\\s+", -1)) {
            boolean isLast = lines.size() == MAX_LABEL_LINES - 1;
            if (!line.isEmpty() && !isLast && metrics.stringWidth(line + " " + word) > width) {
                lines.add(fit(line.toString(), width, metrics));
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(fit(line.toString(), width, metrics));
        return lines;
    }

    /** The text, cut with an ellipsis if it is wider than {@code width}. */
    private static String fit(String text, int width, FontMetrics metrics) {
        String shown = text;
        for (int end = text.length(); end > 0 && metrics.stringWidth(shown) > width; end--) {
            shown = text.substring(0, end - 1).stripTrailing() + "…";
        }
        return shown;
    }

    private static FontMetrics metrics(Font font) {
        Graphics2D graphics = newGraphics(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB));
        try {
            return graphics.getFontMetrics(font);
        } catch (InternalError | UnsatisfiedLinkError | NoClassDefFoundError | NullPointerException e) {
            throw new IllegalStateException(
                    "text: expected a font on this machine, got none (" + e + "); install one, for example the packages"
                            + " fontconfig and fonts-dejavu-core, or leave title and labels out",
                    e);
        } finally {
            graphics.dispose();
        }
    }

    private static Graphics2D newGraphics(BufferedImage canvas) {
        Graphics2D graphics = canvas.createGraphics();
        graphics.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        return graphics;
    }
}
