// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Locale;

/**
 * How far one tensor is from another, measured in tolerances.
 *
 * <p>Floating-point values are compared in float64, integers and booleans in int64, hence without any rounding. A NaN
 * passes only against a NaN at the same place, an infinity only against the same infinity.
 *
 * @param fraction the largest error as a fraction of its tolerance; infinite for NaN, shape or type mismatches
 * @param problem what is wrong, empty if nothing is
 */
record Comparison(double fraction, String problem) {
    private static final Comparison EQUAL = new Comparison(0, "");

    boolean isClose() {
        return problem.isEmpty();
    }

    /** Compares tensors of equal shape and class of type; neither argument is changed, and nothing is left behind. */
    static Comparison of(NDArray want, NDArray got, Tolerance tolerance) {
        if (!want.getShape().equals(got.getShape())) {
            return mismatch("shape " + want.getShape() + ", got " + got.getShape());
        }
        if (!typeClass(want).equals(typeClass(got))) {
            return mismatch("a type that is " + typeClass(want) + ", got " + got.getDataType());
        }
        if (want.size() == 0) {
            return EQUAL;
        }
        try (NDManager scratch = EngineSetup.newManager(want.getDevice())) {
            NDArray here = got.toDevice(want.getDevice(), false);
            if (here != got) {
                here.attach(scratch);
            }
            return compare(want, here, tolerance, scratch);
        }
    }

    private static Comparison compare(NDArray want, NDArray got, Tolerance tolerance, NDManager scratch) {
        boolean floating = want.getDataType().isFloating();
        // The zeros come first in each sum: a result belongs to the first operand's manager, and want's may be capped.
        NDArray zeros = scratch.zeros(want.getShape(), floating ? DataType.FLOAT64 : DataType.INT64);
        NDArray expected = zeros.add(want);
        NDArray actual = zeros.add(got);
        NDArray difference =
                expected.sub(actual).toType(DataType.FLOAT64, false).abs();
        NDArray allowed = expected.toType(DataType.FLOAT64, false)
                .abs()
                .mul(tolerance.rtol())
                .add(tolerance.atol());
        NDArray equal = expected.eq(actual);
        NDArray fraction = difference.div(allowed);
        if (floating) {
            equal = equal.logicalOr(expected.isNaN().logicalAnd(actual.isNaN()));
        }
        fraction = NDArrays.where(fraction.isNaN(), fraction.onesLike().mul(Double.POSITIVE_INFINITY), fraction);
        fraction = NDArrays.where(equal, fraction.zerosLike(), fraction).flatten();
        long worst = fraction.argMax().getLong();
        double size = fraction.getDouble(worst);
        if (size <= 1) {
            return new Comparison(size, "");
        }
        long outside = fraction.gt(1).sum().getLong();
        return new Comparison(
                size,
                String.format(
                        Locale.ROOT,
                        "expected %s +- %.3g, got %s at %s; %d of %d values are outside, the worst by %.4g tolerances",
                        value(expected, worst),
                        allowed.flatten().getDouble(worst),
                        value(actual, worst),
                        Arrays.toString(index(want.getShape(), worst)),
                        outside,
                        want.size(),
                        size));
    }

    private static Comparison mismatch(String problem) {
        return new Comparison(Double.POSITIVE_INFINITY, "expected " + problem);
    }

    private static String typeClass(NDArray array) {
        DataType type = array.getDataType();
        return type.isFloating() ? "floating" : type.isBoolean() ? "boolean" : "integer";
    }

    private static String value(NDArray array, long index) {
        NDArray flat = array.flatten();
        return array.getDataType().isFloating()
                ? Double.toString(flat.getDouble(index))
                : Long.toString(flat.getLong(index));
    }

    private static long[] index(Shape shape, long flat) {
        long[] index = new long[shape.dimension()];
        long rest = flat;
        for (int axis = index.length - 1; axis >= 0; axis--) {
            index[axis] = rest % shape.get(axis);
            rest /= shape.get(axis);
        }
        return index;
    }
}
