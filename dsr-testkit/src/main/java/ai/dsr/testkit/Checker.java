// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Takes the results of one case and compares them with the stored ones.
 *
 * <p>Mismatches are collected, not thrown, so that one run shows all of them. At the end each stored output and gradient
 * must have been checked and each key of the configuration read.
 */
public final class Checker {
    /** More mismatches than this are counted, not listed. */
    private static final int LISTED = 8;

    private final FixtureCase fixture;
    private final Set<String> checked = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private double worstFraction;
    private String worstOutput = "";

    Checker(FixtureCase fixture) {
        this.fixture = fixture;
    }

    /** Compares {@code got} with {@code out/<name>}: shape, class of type (floating, integer, boolean) and values. */
    public void check(String name, NDArray got) {
        if (!fixture.hasOut(name)) {
            problems.add("out/" + name + ": expected one of " + fixture.outNames() + ", got a result of another name");
            return;
        }
        compare("out/" + name, fixture.out(name), got, fixture.tolerance(name));
    }

    /** Compares {@code got} with {@code grad/<name>}. */
    public void checkGrad(String name, NDArray got) {
        if (!fixture.gradNames().contains(name)) {
            problems.add("grad/" + name + ": expected one of " + fixture.gradNames() + ", got another name");
            return;
        }
        compare("grad/" + name, fixture.grad(name), got, fixture.gradTolerance());
    }

    /** Compares a number with the 0-d output {@code out/<name>}. */
    public void check(String name, double got) {
        checkNew(name, manager -> manager.create(got));
    }

    /** Compares a whole number with the 0-d output {@code out/<name>}. */
    public void check(String name, long got) {
        checkNew(name, manager -> manager.create(got));
    }

    /** Compares values in row-major order with {@code out/<name>}; without {@code shape} they are one-dimensional. */
    public void check(String name, float[] got, long... shape) {
        checkNew(name, manager -> manager.create(got, shape(got.length, shape)));
    }

    /** Compares values in row-major order with {@code out/<name>}; without {@code shape} they are one-dimensional. */
    public void check(String name, double[] got, long... shape) {
        checkNew(name, manager -> manager.create(got, shape(got.length, shape)));
    }

    /** Compares values in row-major order with {@code out/<name>}; without {@code shape} they are one-dimensional. */
    public void check(String name, long[] got, long... shape) {
        checkNew(name, manager -> manager.create(got, shape(got.length, shape)));
    }

    /** Compares values in row-major order with {@code out/<name>}; without {@code shape} they are one-dimensional. */
    public void check(String name, int[] got, long... shape) {
        checkNew(name, manager -> manager.create(got, shape(got.length, shape)));
    }

    /** Records a failure that is no tensor, for kinds that store text or files. */
    public void fail(String message) {
        problems.add(message);
    }

    /** Largest error so far as a fraction of its tolerance. */
    public double worstFraction() {
        return worstFraction;
    }

    /** The entry the largest error occurred in, for example {@code grad/x_embedder.proj.weight}; empty if none. */
    public String worstOutput() {
        return worstOutput;
    }

    /** Adds what was not produced and not read, and returns all failures in one text, empty if there are none. */
    String finish() {
        fixture.outNames().forEach(name -> require("out/" + name));
        fixture.gradNames().forEach(name -> require("grad/" + name));
        for (String key : fixture.keys().unread()) {
            problems.add(key + ": expected every key to be read, got an unread one; honour it or ignore() it");
        }
        List<String> lines = new ArrayList<>(problems.subList(0, Math.min(LISTED, problems.size())));
        if (problems.size() > LISTED) {
            lines.add((problems.size() - LISTED) + " further failures");
        }
        return String.join("\n", lines);
    }

    private void require(String entry) {
        if (!checked.contains(entry)) {
            problems.add(entry + ": expected a result, got none; the output was not produced");
        }
    }

    private void checkNew(String name, Function<NDManager, NDArray> create) {
        try (NDManager scratch = fixture.manager().newSubManager()) {
            check(name, create.apply(scratch));
        }
    }

    private void compare(String entry, NDArray want, NDArray got, Tolerance tolerance) {
        checked.add(entry);
        Comparison comparison = Comparison.of(want, got, tolerance);
        if (worstOutput.isEmpty() || comparison.fraction() > worstFraction) {
            worstFraction = comparison.fraction();
            worstOutput = entry;
        }
        if (!comparison.isClose()) {
            problems.add(entry + ": " + comparison.problem());
        }
    }

    private static Shape shape(int length, long[] shape) {
        return shape.length == 0 ? new Shape(length) : new Shape(shape);
    }
}
