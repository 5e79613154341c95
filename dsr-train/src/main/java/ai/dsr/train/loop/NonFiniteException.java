// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import java.nio.file.Path;
import java.util.function.Function;

/** A step whose loss or gradient is not finite. The weights of the model that it belongs to are those before its update. */
public final class NonFiniteException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private final long step;
    private final transient Function<Path, NonFiniteReport> explanation;

    NonFiniteException(long step, String message) {
        this(step, message, null);
    }

    private NonFiniteException(long step, String message, Function<Path, NonFiniteReport> explanation) {
        super(message);
        this.step = step;
        this.explanation = explanation;
    }

    /** The same with a way to find out more. */
    NonFiniteException with(Function<Path, NonFiniteReport> newExplanation) {
        return new NonFiniteException(step, getMessage(), newExplanation);
    }

    /** Computes the step again with a look inside, before anything else happens; the report goes into the run folder. */
    NonFiniteReport explain(Path runFolder) {
        return explanation.apply(runFolder);
    }

    /** The step, from 0. */
    public long step() {
        return step;
    }
}
