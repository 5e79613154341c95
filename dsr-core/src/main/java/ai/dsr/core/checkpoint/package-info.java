// SPDX-License-Identifier: Apache-2.0

/**
 * Checkpoints that PyTorch wrote, without Python and without running anything from the file.
 *
 * <p>Read in this order: {@link ai.dsr.core.checkpoint.TorchCheckpoint} (the entry point), {@code PickleMachine} (the 31
 * opcodes), {@code TorchGlobal} (the 13 names), {@code TensorView} and {@code Storage} (what a tensor is made of), {@code
 * PlainTree} (from the machine's objects to plain values), {@code StoredZip} and {@code LegacyStream} (the two file
 * formats). {@link ai.dsr.core.checkpoint.WeightFile} reads weights in any format.
 *
 * <p>A pickle is a program. This machine can build dictionaries, lists, tuples, numbers, texts and tensors; an opcode or a
 * name that is not listed ends the reading where it stands, called or not. Everything is bounded before memory is taken
 * for it: a length by what is left of the file, the number of operations, the depth, and what shared containers add up to.
 *
 * <p>Why the machine is ours: the one pickle library for the JVM ({@code net.razorvine:pickle}) turns any unknown name into
 * an object instead of refusing it, applies states by reflection, replaces malformed text, allocates what a length claims
 * before reading, and keeps its opcodes package-private; to hold it to the rules above is to override every opcode. The zip
 * reader is ours because tensors are mapped where they lie in the file, which {@code java.util.zip} cannot tell, and because
 * general readers accept what has to be refused here: a name twice, members that overlap, headers that differ from the
 * directory. Nothing is ever inflated.
 */
package ai.dsr.core.checkpoint;
