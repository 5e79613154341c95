// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The catalogue of windows that a random crop before the discriminator would choose from.
 *
 * <p>Published recipes never crop: images are resized. The windows cover the whole image before any of them is shifted in
 * between.
 *
 * @param top first row
 * @param left first column
 */
public record WindowCrop(int top, int left) {
    /**
     * Windows of {@code crop} by {@code crop} pixels on an image of the given size.
     *
     * <p>First the fewest windows that cover the image, row by row; then those of a denser grid that are not there yet;
     * then, if places are left, the dense grid again, once. So an image little larger than the crop has fewer windows than
     * asked for.
     *
     * @param count how many are wanted, at least as many as cover the image
     * @throws IllegalArgumentException if the crop does not fit, or {@code count} is too small
     */
    public static List<WindowCrop> catalogue(int height, int width, int crop, int count) {
        if (crop < 1 || crop > Math.min(height, width)) {
            throw new IllegalArgumentException("crop: expected 1 to " + Math.min(height, width) + " for " + height + "x"
                    + width + ", got " + crop);
        }
        int fewestRows = ceilDiv(height, crop);
        int fewestColumns = ceilDiv(width, crop);
        if (count < fewestRows * fewestColumns) {
            throw new IllegalArgumentException("num_windows: expected at least " + fewestRows * fewestColumns
                    + " to cover " + height + "x" + width + ", got " + count);
        }
        List<WindowCrop> windows = new ArrayList<>(grid(height, width, crop, fewestRows, fewestColumns));
        if (windows.size() < count) {
            int rows = Math.max(fewestRows, (int) Math.sqrt((double) count * height / width));
            int columns = Math.max(fewestColumns, ceilDiv(count, rows));
            List<WindowCrop> dense = grid(height, width, crop, rows, columns);
            Set<WindowCrop> distinct = new LinkedHashSet<>(windows);
            distinct.addAll(dense);
            windows = new ArrayList<>(distinct);
            windows.addAll(dense);
        }
        return List.copyOf(windows.subList(0, Math.min(count, windows.size())));
    }

    private static List<WindowCrop> grid(int height, int width, int crop, int rows, int columns) {
        List<WindowCrop> grid = new ArrayList<>();
        for (int top : positions(height - crop, rows)) {
            for (int left : positions(width - crop, columns)) {
                grid.add(new WindowCrop(top, left));
            }
        }
        return grid;
    }

    /** Places from 0 to {@code limit} at equal distances, rounded half to even, without repetitions. */
    private static Set<Integer> positions(int limit, int count) {
        Set<Integer> positions = new TreeSet<>(Set.of(0));
        for (int i = 1; i < count; i++) {
            positions.add((int) Math.rint((double) i * limit / (count - 1)));
        }
        return positions;
    }

    private static int ceilDiv(int a, int b) {
        return -Math.floorDiv(-a, b);
    }
}
