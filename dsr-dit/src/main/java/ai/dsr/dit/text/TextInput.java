// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

/** A batch of captions as a {@link RowReader} takes it. */
public sealed interface TextInput permits TextStates, TokenIds {}
