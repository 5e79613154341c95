// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Map;

/** What a run trains: a model, its data, the loss of a batch, and perhaps an adversary. */
public interface TrainTask extends Objective {
    /** How many training samples there are. */
    int sampleCount();

    /** What trains against the model, always the same; null if nothing does. */
    default Adversary adversary() {
        return null;
    }

    /**
     * Figures about the inside of the model as it is now, such as token norms and attention by block; none by default.
     * Numbers become curves, lists and maps stay in the log.
     *
     * @param scope owns what is made on the way
     */
    default Map<String, Object> inspect(NDManager scope) {
        return Map.of();
    }

    /** Writes a picture of what the model does now; called with the averaged weights in place. */
    void preview(Path file);
}
