// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import java.nio.file.Path;

/** A way in which data sets are stored: finds the samples below a path. */
sealed interface Listing permits FolderListing, CaptionListing, JsonlListing, TarListing {
    /** The name that configurations use; part of the name of a cached index. */
    String kind();

    /** The folder that the files of an index are relative to. */
    Path root(Path path);

    /**
     * Lists the samples in their final order.
     *
     * @throws IllegalArgumentException naming what is missing or mixed up
     * @throws java.io.UncheckedIOException naming what cannot be read
     */
    SampleIndex list(Path path);
}
