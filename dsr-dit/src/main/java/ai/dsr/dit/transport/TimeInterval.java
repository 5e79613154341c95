// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

/** The times that training or sampling covers, before any shift; 0 is data, 1 noise. */
public record TimeInterval(double start, double end) {
    /** The interval seen from the other end: {@code [1 - start, 1 - end]}, a falling one. */
    public TimeInterval reversed() {
        return new TimeInterval(1 - start, 1 - end);
    }
}
