// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.train.optim.PowerProfile;
import ai.dsr.train.optim.ProfileFit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An average of a length that is chosen after training, from the snapshots of a run with {@code training.power_ema}. */
public final class PostHocEma {
    private static final String SUFFIX = ".safetensors";
    private static final int DEPTH = 2;

    private PostHocEma() {}

    /** A stored average. */
    private record Stored(Path file, long step, ProfileFit.Snapshot snapshot) {}

    /**
     * Writes the averaged weights.
     *
     * @param run the run folder
     * @param length relative width of the profile, such as 0.1
     * @param step the step at which the average ends; null: that of the newest snapshot
     * @param out safetensors file with the model's names
     * @throws IllegalArgumentException if the run has no snapshots, or none of that step
     */
    public static Result write(NDManager manager, Path run, double length, Long step, Path out) {
        List<Stored> all = snapshots(run.resolve("snapshots"));
        long last =
                step != null ? step : all.stream().mapToLong(Stored::step).max().orElse(0);
        List<Stored> used = all.stream().filter(stored -> stored.step <= last).toList();
        long updates = used.stream()
                .filter(stored -> stored.step == last)
                .mapToLong(stored -> stored.snapshot.updates())
                .max()
                .orElseThrow(() -> new IllegalArgumentException(run + ": expected a snapshot of step " + step
                        + ", got those of steps "
                        + all.stream().map(Stored::step).distinct().sorted().toList()));
        ProfileFit fit = ProfileFit.of(
                used.stream().map(Stored::snapshot).toList(),
                new ProfileFit.Snapshot(PowerProfile.ofLength(length), updates));
        Map<String, String> metadata = Map.of(
                "length",
                Double.toString(length),
                "step",
                Long.toString(last),
                "profile_error",
                Double.toString(fit.error()));
        SafeTensors.write(out, combine(manager, used, fit.coefficients()), metadata);
        return new Result(last, used.size(), fit.error());
    }

    private static List<Stored> snapshots(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    folder + ": expected snapshots of averages, got none; train with training.power_ema");
        }
        List<Stored> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            for (Path file : files.filter(file -> file.toString().endsWith(SUFFIX))
                    .sorted()
                    .toList()) {
                Map<String, String> metadata = SafeTensors.metadata(file);
                String name = file.getFileName().toString();
                long step = Long.parseLong(name.substring("step-".length(), name.length() - SUFFIX.length()));
                PowerProfile profile = PowerProfile.ofLength(Double.parseDouble(metadata.get("length")));
                found.add(new Stored(
                        file, step, new ProfileFit.Snapshot(profile, Long.parseLong(metadata.get("updates")))));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be listed", e);
        }
        return found;
    }

    /** In float64, tensor by tensor: coefficients have both signs and may be large. */
    private static Map<String, TensorData> combine(NDManager manager, List<Stored> stored, double[] coefficients) {
        List<StateDict> files =
                stored.stream().map(one -> SafeTensors.read(one.file)).toList();
        Map<String, TensorData> result = new LinkedHashMap<>();
        for (String name : files.get(0).toMap().keySet()) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray sum =
                        files.get(0).get(name).toArray(scope, DataType.FLOAT64).mul(coefficients[0]);
                for (int i = 1; i < coefficients.length; i++) {
                    sum = sum.add(files.get(i)
                            .get(name)
                            .toArray(scope, DataType.FLOAT64)
                            .mul(coefficients[i]));
                }
                result.put(name, TensorData.of(sum.toType(DataType.FLOAT32, false)));
            }
        }
        return result;
    }

    /**
     * How it went.
     *
     * @param step at which the average ends
     * @param snapshots how many stored averages it is made of
     * @param error distance of its profile from the wanted one, over the norm of the latter
     */
    public record Result(long step, int snapshots, double error) {}
}
