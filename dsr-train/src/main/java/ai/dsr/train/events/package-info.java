// SPDX-License-Identifier: Apache-2.0

/** Event files for TensorBoard, through the published protocol buffer classes: {@link ai.dsr.train.events.EventFile}. */
package ai.dsr.train.events;
