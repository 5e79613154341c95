// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

/**
 * What a run does beside training, every so many steps: previews, evaluation, snapshots.
 *
 * <p>A hook decides by the step whether it is its turn, and must not change the state: a resumed run calls it at the same
 * steps as an uninterrupted one.
 */
@FunctionalInterface
public interface TrainHook {
    /**
     * Called after every optimiser step.
     *
     * @param state as the step left it; {@link TrainState#withAverage} lends the averaged weights
     * @param log takes numbers and pictures
     */
    void after(TrainState state, RunLog log);
}
