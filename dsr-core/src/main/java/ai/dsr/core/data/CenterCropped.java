// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.image.Crop;
import ai.dsr.core.io.Sha256;
import java.util.List;

/**
 * A data set whose images are all cropped to one square size (the centre crop of ADM, Dhariwal and Nichol, 2021).
 *
 * @param source the data set
 * @param side side of the square in pixels
 */
public record CenterCropped(ImageDataset source, int side) implements ImageDataset {
    @Override
    public String name() {
        return source.name() + "-" + side + "px";
    }

    @Override
    public int size() {
        return source.size();
    }

    @Override
    public Sample get(int index) {
        Sample sample = source.get(index);
        return new Sample(sample.id(), Crop.center(sample.image(), side), sample.label(), sample.caption());
    }

    @Override
    public int label(int index) {
        return source.label(index);
    }

    @Override
    public String id(int index) {
        return source.id(index);
    }

    @Override
    public String caption(int index) {
        return source.caption(index);
    }

    @Override
    public List<String> classNames() {
        return source.classNames();
    }

    @Override
    public String fingerprint() {
        return Sha256.ofText(source.fingerprint() + " center crop " + side);
    }

    @Override
    public String splitKey(int index) {
        return source.splitKey(index);
    }
}
