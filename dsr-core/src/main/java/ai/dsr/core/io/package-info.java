// SPDX-License-Identifier: Apache-2.0
/**
 * Weights and other files: bounds-checked reading, atomic writing.
 *
 * <p>Read in this order: {@link ai.dsr.core.io.TensorData} (one tensor on the host), {@link
 * ai.dsr.core.io.StateDict} (names to tensors), {@link ai.dsr.core.io.LoadReport} (does a file fit a model?), {@link
 * ai.dsr.core.io.SafeTensors} (the file format), {@link ai.dsr.core.io.NpzFile} (NumPy's archives), {@link ai.dsr.core.io.AtomicFiles} and {@link ai.dsr.core.io.Json}.
 *
 * <p>Conventions. Bytes are little endian and row-major. A file with wrong content is an {@link
 * java.lang.IllegalArgumentException} that names the file and the fault, a failing disk an {@link
 * java.io.UncheckedIOException}. No length read from a file is believed before it is compared with the file's size.
 * Files appear under their final name only when complete.
 */
package ai.dsr.core.io;
