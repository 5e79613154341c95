// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

/**
 * How one case ended.
 *
 * @param file the case
 * @param status what it counts as
 * @param worst largest error as a fraction of its tolerance
 * @param output the entry with that error, empty if none was compared
 * @param message what is wrong or missing, empty if passed
 * @param cause the exception behind a failure, or null
 */
record CaseResult(CaseFile file, Status status, double worst, String output, String message, Throwable cause) {
    /** The three ways to end. */
    enum Status {
        PASSED,
        FAILED,
        UNSUPPORTED
    }

    static CaseResult of(CaseFile file, Checker checker) {
        String problems = checker.finish();
        Status status = problems.isEmpty() ? Status.PASSED : Status.FAILED;
        return new CaseResult(file, status, checker.worstFraction(), checker.worstOutput(), problems, null);
    }

    static CaseResult unsupported(CaseFile file, UnsupportedCaseException reason) {
        return new CaseResult(file, Status.UNSUPPORTED, 0, "", String.valueOf(reason.getMessage()), reason);
    }

    static CaseResult failed(CaseFile file, Throwable cause) {
        return new CaseResult(file, Status.FAILED, 0, "", cause.toString(), cause);
    }
}
