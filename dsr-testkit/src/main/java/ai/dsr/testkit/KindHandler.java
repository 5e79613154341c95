// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

/** Runs the golden cases of one kind: builds from the configuration, computes, hands every result to the checker. */
@FunctionalInterface
public interface KindHandler {
    /**
     * Computes all outputs and gradients that {@code fixture} stores.
     *
     * @param fixture the case; its tensors live until this method returns
     * @param out takes the results; a stored output or gradient it was not given fails the case
     * @throws UnsupportedCaseException if the library cannot do what the case asks for
     * @throws Exception fails the case
     */
    void run(FixtureCase fixture, Checker out) throws Exception;
}
