// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Function;

/**
 * The parts and boundaries of one recording, in order.
 *
 * <p>Each cuts the recorded graph: its result is a new leaf. Going backwards, the gradient that has come to a leaf is
 * passed on, by differentiating the part's second run or what the boundary was computed from.
 */
final class CheckpointTape {
    private final List<Cut> cuts = new ArrayList<>();
    private final NDList leaves = new NDList();
    private final IdentityHashMap<NDArray, Integer> places = new IdentityHashMap<>();

    boolean isEmpty() {
        return cuts.isEmpty();
    }

    NDArray boundary(NDArray value) {
        return places.containsKey(value) ? value : add(new Boundary(value), value.stopGradient());
    }

    NDArray run(NDArray[] inputs, Function<NDArray[], NDArray> part) {
        NDArray[] kept = inputs.clone();
        for (int i = 0; i < kept.length; i++) {
            kept[i] = kept[i] == null ? null : boundary(kept[i]);
        }
        NDManager owner = inputs[0].getManager();
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(false);
        try (NDManager scope = owner.newSubManager()) {
            NDArray result = part.apply(new Views(kept, scope).all);
            result.attach(owner);
            return add(new Part(kept, part), result);
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    private NDArray add(Cut cut, NDArray leaf) {
        leaf.setRequiresGradient(true);
        places.put(leaf, leaves.size());
        leaves.add(leaf);
        cuts.add(cut);
        return leaf;
    }

    /** Gradients of a scalar for each weight, zeros where it does not depend on one; owned by the scalar's manager. */
    NDList gradients(NDArray loss, NDList weights) {
        Backward backward = new Backward(loss.getManager(), weights);
        backward.passOn(loss, loss.getManager().ones(loss.getShape()), leaves.size());
        for (int i = cuts.size() - 1; i >= 0; i--) {
            NDArray arrived = backward.takeAtLeaf(i);
            if (arrived != null) {
                cuts.get(i).passOn(backward, arrived, i);
            }
        }
        return backward.atWeights();
    }

    /** Where a leaf comes from. */
    private sealed interface Cut permits Boundary, Part {
        /** Passes the gradient of leaf number {@code place} on to weights and leaves before it. */
        void passOn(Backward backward, NDArray gradient, int place);
    }

    /** A leaf that stands for a recorded value. */
    private static final class Boundary implements Cut {
        private final NDArray value;

        Boundary(NDArray value) {
            this.value = value;
        }

        @Override
        public void passOn(Backward backward, NDArray gradient, int place) {
            backward.passOn(value, gradient, place);
        }
    }

    /** A leaf that a part gave for other leaves. */
    private static final class Part implements Cut {
        private final NDArray[] inputs;
        private final Function<NDArray[], NDArray> function;

        Part(NDArray[] inputs, Function<NDArray[], NDArray> function) {
            this.inputs = inputs;
            this.function = function;
        }

        @Override
        public void passOn(Backward backward, NDArray gradient, int place) {
            backward.rerun(inputs, function, gradient);
        }
    }

    /** New leaves for the leaves that a part reads: each distinct one once, null as it is. */
    private final class Views {
        private final NDArray[] all;
        private final List<Integer> from = new ArrayList<>();
        private final NDList leavesOfPart = new NDList();

        Views(NDArray[] inputs, NDManager scope) {
            all = inputs.clone();
            for (int i = 0; i < all.length; i++) {
                if (inputs[i] == null) {
                    continue;
                }
                Integer place = places.get(inputs[i]);
                if (!from.contains(place)) {
                    NDArray view = inputs[i].stopGradient();
                    view.attach(scope);
                    view.setRequiresGradient(true);
                    from.add(place);
                    leavesOfPart.add(view);
                }
                all[i] = leavesOfPart.get(from.indexOf(place));
            }
        }
    }

    /** The gradients that have arrived at weights and leaves so far. */
    private final class Backward {
        private final NDManager owner;
        private final NDList weights;
        private final NDArray[] sums; // weights, then leaves; null for nothing yet

        Backward(NDManager owner, NDList weights) {
            this.owner = owner;
            this.weights = weights;
            sums = new NDArray[weights.size() + leaves.size()];
        }

        NDArray takeAtLeaf(int place) {
            NDArray arrived = sums[weights.size() + place];
            sums[weights.size() + place] = null;
            return arrived;
        }

        /** From a recorded value to weights and the first {@code count} leaves. */
        void passOn(NDArray value, NDArray gradient, int count) {
            NDList targets = new NDList(weights).addAll(new NDList(leaves.subList(0, count)));
            NDList found = products(new NDList(value), targets, new NDList(gradient), true);
            for (int i = 0; i < targets.size(); i++) {
                add(i, found.get(i));
            }
        }

        /**
         * From a part's result to weights and its inputs, through a second run.
         *
         * <p>What has arrived at an input before takes part as the gradient of one more, last use of it: so all
         * contributions are added in the order of the plain computation.
         */
        void rerun(NDArray[] inputs, Function<NDArray[], NDArray> function, NDArray gradient) {
            try (NDManager scope = owner.newSubManager()) {
                Views views = new Views(inputs, scope);
                NDList results = new NDList(function.apply(views.all));
                NDList gradients = new NDList(gradient);
                for (int i = 0; i < views.from.size(); i++) {
                    NDArray arrived = sums[weights.size() + views.from.get(i)];
                    if (arrived != null) {
                        NDArray view = views.leavesOfPart.get(i);
                        results.add(view.reshape(view.getShape()));
                        gradients.add(arrived);
                    }
                }
                NDList targets = new NDList(weights).addAll(views.leavesOfPart);
                NDList found = products(results, targets, gradients, false);
                for (int i = 0; i < weights.size(); i++) {
                    add(i, found.get(i));
                }
                for (int i = 0; i < views.from.size(); i++) {
                    NDArray sum = found.get(weights.size() + i);
                    sums[weights.size() + views.from.get(i)] = sum.size() == 0 ? null : sum;
                }
            }
        }

        private void add(int place, NDArray found) {
            if (found.size() > 0) {
                sums[place] = sums[place] == null ? found : sums[place].add(found);
            }
        }

        private NDList products(NDList values, NDList targets, NDList gradients, boolean retain) {
            return ScriptModule.run(
                    owner,
                    "vector_jacobian",
                    ScriptModule.list(values),
                    ScriptModule.list(targets),
                    ScriptModule.list(gradients),
                    IValue.from((long) weights.size()),
                    IValue.from(retain));
        }

        NDList atWeights() {
            NDList result = new NDList();
            for (int i = 0; i < weights.size(); i++) {
                NDArray weight = weights.get(i);
                result.add(sums[i] == null ? zeros(weight) : sums[i]);
            }
            return result;
        }

        private NDArray zeros(NDArray weight) {
            NDArray zeros = weight.zerosLike();
            zeros.attach(owner);
            return zeros;
        }
    }
}
