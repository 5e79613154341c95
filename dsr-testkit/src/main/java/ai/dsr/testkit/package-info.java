// SPDX-License-Identifier: Apache-2.0
/**
 * Support for the tests of all modules: golden cases, tensor assertions, leak checks and seeded properties.
 *
 * <p>Read {@link ai.dsr.testkit.FixtureCase} first (what a stored case is), then {@link ai.dsr.testkit.Checker} (what
 * counts as equal), {@link ai.dsr.testkit.ParityRunner} (how a module runs its cases) and
 * {@link ai.dsr.testkit.Kinds} (which module owns which kind of case). {@link ai.dsr.testkit.TensorAssert},
 * {@link ai.dsr.testkit.LeakCheck} and {@link ai.dsr.testkit.Seeded} stand alone.
 *
 * <p>Everywhere a stored or expected value is the reference: a value passes when
 * {@code |got - want| <= atol + rtol * |want|}. Nothing here depends on the code under test.
 */
package ai.dsr.testkit;
