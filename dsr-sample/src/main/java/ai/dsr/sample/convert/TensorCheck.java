// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.StateDict;
import ai.dsr.sample.convert.ActivationCheck.Line;
import java.util.List;
import java.util.Locale;

/** Converted weights beside stored ones: goldens whose results are the tensors of the file itself. */
public final class TensorCheck {
    private TensorCheck() {}

    /**
     * Compares each stored tensor. Of a whole training checkpoint those under {@code ema/} or {@code model/} count.
     *
     * @param written the converted weights
     * @param choice which weights of a training checkpoint they are
     * @throws IllegalArgumentException if there is nothing to compare
     */
    public static List<Line> run(StateDict written, Goldens goldens, WeightFile.Choice choice) {
        StateDict stored = goldens.tensors().under("out/");
        StateDict chosen = stored.under(choice.name().toLowerCase(Locale.ROOT) + "/");
        StateDict weights = WeightFile.unwrapped(chosen.size() == 0 ? stored : chosen);
        ActivationCheck results = new ActivationCheck();
        written.toMap().forEach(results::put);
        return results.against(new Goldens(weights.renamed(name -> "out/" + name), goldens.settings()));
    }
}
