// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The figures that can be asked for. */
public enum Metric {
    /** Fréchet distance of Inception's last features (Heusel et al., 2017). */
    FID,
    /** Fréchet distance of Inception's spatial features (Nash et al., 2021). */
    SFID,
    /** Inception score (Salimans et al., 2016). */
    IS,
    /** Precision and recall by nearest neighbours (Kynkäänniemi et al., 2019); of Inception's features if it is there. */
    PR,
    /** Kernel distance (Bińkowski et al., 2018); of Inception's features if it is there. */
    KID,
    /** Fréchet distance of an encoder's class token (Stein et al., 2023). */
    FD_DINOV2,
    /** Peak signal-to-noise ratio of pairs. */
    PSNR,
    /** Structural similarity of pairs (Wang et al., 2004). */
    SSIM,
    /** Mean absolute error of pairs. */
    L1;

    private static final String RECONSTRUCTION_FID = "rfid"; // the reference's name where images are reconstructions

    /** The name in options and configurations. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether Inception is needed. */
    public boolean needsInception() {
        return this == FID || this == SFID || this == IS;
    }

    /** Whether sample i is compared with reference image i. */
    public boolean isPaired() {
        return this == PSNR || this == SSIM || this == L1;
    }

    /**
     * The metrics of some names; {@code rfid} is FID.
     *
     * @throws IllegalArgumentException if a name is none of them, or there is none
     */
    public static Set<Metric> parse(List<String> names) {
        Set<Metric> metrics = EnumSet.noneOf(Metric.class);
        for (String name : names) {
            String wanted = name.strip().toLowerCase(Locale.ROOT);
            metrics.add(Arrays.stream(values())
                    .filter(metric -> metric.label().equals(wanted.equals(RECONSTRUCTION_FID) ? "fid" : wanted))
                    .findFirst()
                    .orElseThrow(() ->
                            new IllegalArgumentException("metrics: expected " + listing() + ", got " + name.strip())));
        }
        if (metrics.isEmpty()) {
            throw new IllegalArgumentException("metrics: expected " + listing() + ", got none");
        }
        return metrics;
    }

    private static String listing() {
        return "some of " + Arrays.stream(values()).map(Metric::label).collect(Collectors.joining(", "));
    }
}
