// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/**
 * The one list of all kinds of golden cases: which module runs a kind, and what is not done yet.
 *
 * <p>Whoever implements a pending kind moves its name from {@code pending} to its module here. A single case of an
 * implemented kind may be pending too, by a rule on its name and configuration; a rule that turns out to be needless,
 * because the case passes, is a failure.
 */
public final class Kinds {
    private static final Kinds PROJECT = new Kinds()
            .in("dsr-core", "checkpoint.pt")
            .in("dsr-core", "eval.frechet", "eval.inception_score", "eval.kid", "eval.npz", "eval.precision_recall")
            .in("dsr-core", "image.preprocess")
            .in(
                    "dsr-encoders",
                    "encoder.dinov2",
                    "encoder.dinov2_registers",
                    "encoder.dinov3",
                    "encoder.mae",
                    "encoder.siglip2",
                    "outliers.norms",
                    "rae.decode",
                    "rae.decoder",
                    "rae.encode",
                    "rae.pos_embed",
                    "rae.stats",
                    "stage1.discriminator",
                    "stage1.window_crop",
                    "ttr.discover",
                    "ttr.intervene",
                    "ttr.recursive")
            .in("dsr-encoders", "text.minilm")
            .in(
                    "dsr-dit",
                    "dit.component",
                    "dit.ddt",
                    "dit.guidance",
                    "dit.init",
                    "dit.lightning",
                    "dit.params",
                    "dit.t2i")
            .in(
                    "dsr-dit",
                    "transport.interval",
                    "transport.loss",
                    "transport.path",
                    "transport.sample",
                    "transport.time")
            .in("dsr-sample", "eval.dpg", "eval.geneval")
            .in("dsr-sample", "eval.fd_encoder", "eval.inception", "eval.to_uint8", "image.metrics")
            .in("dsr-train", "config.yaml")
            .in("dsr-train", "stage1.loss", "stage1.steps")
            .in("dsr-train", "train.adamw", "train.schedule", "train.steps");

    private final Map<String, String> modules = new TreeMap<>();
    private final Set<String> pending = new TreeSet<>();
    private final List<PendingCases> rules = new ArrayList<>();

    /** Starts an empty list; only the project's own list and the tests of this class build one. */
    Kinds() {}

    /** The project's list. */
    public static Kinds project() {
        return PROJECT;
    }

    /** Returns whether {@code kind} is listed at all. */
    public boolean isKnown(String kind) {
        return modules.containsKey(kind) || pending.contains(kind);
    }

    /** Returns whether {@code kind} is listed, but run by no module yet. */
    public boolean isPending(String kind) {
        return pending.contains(kind);
    }

    /** The kinds that {@code module} must have handlers for, sorted. */
    public Set<String> of(String module) {
        Set<String> kinds = new TreeSet<>();
        modules.forEach((kind, owner) -> {
            if (owner.equals(module)) {
                kinds.add(kind);
            }
        });
        return kinds;
    }

    /** The kinds no module runs yet, sorted. */
    public Set<String> pending() {
        return Collections.unmodifiableSet(pending);
    }

    /** Why the case {@code name} of an implemented kind is not done yet; empty if it must pass. */
    public Optional<String> pendingReason(String kind, String name, JsonNode config) {
        return rules.stream()
                .filter(rule -> rule.kind().equals(kind) && rule.applies().test(name, config))
                .map(PendingCases::reason)
                .findFirst();
    }

    /** Assigns kinds to a module. */
    Kinds in(String module, String... kinds) {
        for (String kind : kinds) {
            rejectKnown(kind);
            modules.put(kind, module);
        }
        return this;
    }

    /** Lists kinds that no module runs yet. */
    Kinds pending(String... kinds) {
        for (String kind : kinds) {
            rejectKnown(kind);
            pending.add(kind);
        }
        return this;
    }

    /** Marks single cases of an implemented kind, by their name and configuration. */
    Kinds pendingCases(String kind, String reason, BiPredicate<String, JsonNode> applies) {
        rules.add(new PendingCases(kind, reason, applies));
        return this;
    }

    private void rejectKnown(String kind) {
        if (isKnown(kind)) {
            throw new IllegalArgumentException(kind + ": expected to be listed once, got a second entry");
        }
    }

    private record PendingCases(String kind, String reason, BiPredicate<String, JsonNode> applies) {}
}
