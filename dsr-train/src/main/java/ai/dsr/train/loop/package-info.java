// SPDX-License-Identifier: Apache-2.0

/**
 * The training loop: what one step is, what a checkpoint holds, what a run leaves behind.
 *
 * <p>Read {@link ai.dsr.train.loop.TrainTask} (model, data and loss of a run), {@link ai.dsr.train.loop.Adversary} (what trains
 * against it), {@link ai.dsr.train.loop.TrainState}
 * (all that a resume needs), {@link ai.dsr.train.loop.TrainStep}, {@link ai.dsr.train.loop.TrainLoop}, then
 * {@link ai.dsr.train.loop.CheckpointStore}. A step is a function of the state and of (seed, step, place in the batch),
 * so a resumed run repeats an uninterrupted one bit for bit on the same machine and number of threads.
 */
package ai.dsr.train.loop;
