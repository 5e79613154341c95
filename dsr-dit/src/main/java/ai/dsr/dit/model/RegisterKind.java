// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What diffusion registers are made of. */
public enum RegisterKind {
    /** Learned tokens plus a position table that starts as the code of a square grid; their number is a square. */
    @JsonProperty("grid")
    GRID,
    /** Learned tokens plus learned positions, any number. */
    @JsonProperty("learned")
    LEARNED,
    /** The class's embedding plus learned positions, any number: the in-context class tokens of JiT (Li and He, 2025). */
    @JsonProperty("class")
    CLASS
}
