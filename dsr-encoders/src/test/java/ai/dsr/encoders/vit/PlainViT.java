// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.io.StateDict;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * The families of encoders once more, in plain loops over doubles: an oracle for options that no stored case covers. It
 * shares neither kernels nor names nor structure with the library.
 */
final class PlainViT {
    /** What a checkpoint's configuration says, as far as the formulas need it. */
    record Options(String family, int heads, int patch, int side, int registers, double eps, String act, String mlp) {
        Options with(String otherAct, String otherMlp) {
            return new Options(family, heads, patch, side, registers, eps, otherAct, otherMlp);
        }

        boolean isDino() {
            return family.startsWith("dino");
        }
    }

    private static final double THETA = 100;

    private final Options o;
    private final StateDict state;
    private final int depth;
    private final Map<String, double[]> cache = new HashMap<>();
    private double[][] cos;
    private double[][] sin;

    PlainViT(Options options, StateDict state, int depth) {
        o = options;
        this.state = state;
        this.depth = depth;
    }

    /** Patch tokens {@code [P][D]} of pixels {@code [3][H][W]} after the final norm, or before it. */
    double[][] encode(float[][][] pixels, String norm) {
        double[][] x = embed(pixels);
        int prefix = prefix();
        int patches = x.length - prefix;
        for (int i = 0; i < depth; i++) {
            x = block(x, i);
        }
        double[][] tokens = new double[patches][];
        System.arraycopy(x, prefix, tokens, 0, patches);
        String name =
                switch (o.family) {
                    case "siglip2" -> "vision_model.post_layernorm";
                    case "mae" -> "vit.layernorm";
                    case "dinov3" -> "norm";
                    default -> "layernorm";
                };
        return norm.equals("none") ? tokens : layerNorm(tokens, norm.equals("affine") ? name : null);
    }

    private int prefix() {
        return o.family.equals("siglip2") ? 0 : 1 + o.registers;
    }

    // ---- embedding ----

    private double[][] embed(float[][][] pixels) {
        int h = pixels[0].length / o.patch;
        int w = pixels[0][0].length / o.patch;
        boolean isSquare = pixels[0].length == pixels[0][0].length;
        double[][] patches = patches(pixels, h, w);
        String root = o.family.equals("siglip2") ? "vision_model." : o.family.equals("mae") ? "vit." : "";
        double[] cls = o.family.equals("siglip2") ? null : values(root + "embeddings.cls_token");
        if (o.family.equals("dinov3")) {
            rotations(h, w, patches[0].length / o.heads);
        } else {
            String name = o.family.equals("siglip2")
                    ? "vision_model.embeddings.position_embedding.weight"
                    : root + "embeddings.position_embeddings";
            double[][] table = rows(values(name), patches[0].length);
            int skip = cls == null ? 0 : 1;
            double[][] grid = Arrays.copyOfRange(table, skip, table.length);
            if (!isSquare || h * w != o.side * o.side) {
                grid = PlainBicubic.resize(grid, o.side, h, w, o.family.equals("dinov2_registers"));
            }
            patches = add(patches, grid);
            if (cls != null) {
                cls = add(new double[][] {cls}, new double[][] {table[0]})[0];
            }
        }
        double[][] all = new double[prefix() + patches.length][];
        if (cls != null) {
            all[0] = cls;
        }
        for (int i = 0; i < o.registers; i++) {
            all[1 + i] = rows(values("embeddings.register_tokens"), cls.length)[i];
        }
        System.arraycopy(patches, 0, all, prefix(), patches.length);
        return all;
    }

    private double[][] patches(float[][][] pixels, int h, int w) {
        String conv =
                switch (o.family) {
                    case "siglip2" -> "vision_model.embeddings.patch_embedding";
                    case "mae" -> "vit.embeddings.patch_embeddings.projection";
                    case "dinov3" -> "embeddings.patch_embeddings";
                    default -> "embeddings.patch_embeddings.projection";
                };
        double[][] flat = new double[h * w][3 * o.patch * o.patch];
        for (int n = 0; n < flat.length; n++) {
            for (int i = 0; i < flat[n].length; i++) {
                int color = i / (o.patch * o.patch);
                int y = n / w * o.patch + i / o.patch % o.patch;
                flat[n][i] = pixels[color][y][n % w * o.patch + i % o.patch];
            }
        }
        return linear(flat, conv);
    }

    private void rotations(int h, int w, int d) {
        cos = new double[h * w][d];
        sin = new double[h * w][d];
        for (int n = 0; n < h * w; n++) {
            int row = n / w;
            int column = n % w;
            double y = 2 * (row + 0.5) / h - 1;
            double x = 2 * (column + 0.5) / w - 1;
            for (int i = 0; i < d; i++) {
                int j = i % (d / 2); // the half-width list of angles, tiled
                double frequency = Math.pow(THETA, -4.0 * (j % (d / 4)) / d);
                double angle = 2 * Math.PI * (j < d / 4 ? y : x) * frequency;
                cos[n][i] = Math.cos(angle);
                sin[n][i] = Math.sin(angle);
            }
        }
    }

    // ---- blocks ----

    private double[][] block(double[][] x, int i) {
        String p =
                switch (o.family) {
                    case "siglip2" -> "vision_model.encoder.layers." + i + ".";
                    case "mae" -> "vit.encoder.layer." + i + ".";
                    case "dinov3" -> "layer." + i + ".";
                    default -> "encoder.layer." + i + ".";
                };
        String[] norms =
                switch (o.family) {
                    case "siglip2" -> new String[] {"layer_norm1", "layer_norm2"};
                    case "mae" -> new String[] {"layernorm_before", "layernorm_after"};
                    default -> new String[] {"norm1", "norm2"};
                };
        String[] scales =
                o.isDino() ? new String[] {p + "layer_scale1.lambda1", p + "layer_scale2.lambda1"} : new String[2];
        double[][] y = add(x, scaled(attention(layerNorm(x, p + norms[0]), p), scales[0]));
        return add(y, scaled(mlp(layerNorm(y, p + norms[1]), p), scales[1]));
    }

    private double[][] attention(double[][] x, String p) {
        String[] names =
                switch (o.family) {
                    case "siglip2" ->
                        new String[] {"self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj"};
                    case "dinov3" ->
                        new String[] {"attention.q_proj", "attention.k_proj", "attention.v_proj", "attention.o_proj"};
                    default ->
                        new String[] {
                            "attention.attention.query",
                            "attention.attention.key",
                            "attention.attention.value",
                            "attention.output.dense"
                        };
                };
        double[][] q = linear(x, p + names[0]);
        double[][] k = linear(x, p + names[1]);
        double[][] v = linear(x, p + names[2]);
        int d = q[0].length / o.heads;
        if (cos != null) {
            rotate(q, d);
            rotate(k, d);
        }
        double[][] out = new double[x.length][q[0].length];
        for (int head = 0; head < o.heads; head++) {
            for (int n = 0; n < x.length; n++) {
                double[] weight = new double[x.length];
                double sum = 0;
                for (int m = 0; m < x.length; m++) {
                    double dot = 0;
                    for (int c = head * d; c < (head + 1) * d; c++) {
                        dot += q[n][c] * k[m][c];
                    }
                    weight[m] = Math.exp(dot / Math.sqrt(d));
                    sum += weight[m];
                }
                for (int m = 0; m < x.length; m++) {
                    for (int c = head * d; c < (head + 1) * d; c++) {
                        out[n][c] += weight[m] / sum * v[m][c];
                    }
                }
            }
        }
        return linear(out, p + names[3]);
    }

    private void rotate(double[][] x, int d) {
        for (int n = 0; n < cos.length; n++) {
            double[] row = x[prefix() + n];
            double[] old = row.clone();
            for (int c = 0; c < row.length; c++) {
                int i = c % d;
                double other = i < d / 2 ? -old[c + d / 2] : old[c - d / 2];
                row[c] = old[c] * cos[n][i] + other * sin[n][i];
            }
        }
    }

    private double[][] mlp(double[][] x, String p) {
        switch (o.mlp) {
            case "swiglu" -> {
                double[][] both = linear(x, p + "mlp.weights_in");
                int f = both[0].length / 2;
                double[][] h = new double[x.length][f];
                for (int n = 0; n < x.length; n++) {
                    for (int c = 0; c < f; c++) {
                        h[n][c] = function("silu").applyAsDouble(both[n][c]) * both[n][f + c];
                    }
                }
                return linear(h, p + "mlp.weights_out");
            }
            case "gated" -> {
                double[][] gate = linear(x, p + "mlp.gate_proj");
                double[][] h = linear(x, p + "mlp.up_proj");
                for (int n = 0; n < x.length; n++) {
                    for (int c = 0; c < h[n].length; c++) {
                        h[n][c] *= function(o.act).applyAsDouble(gate[n][c]);
                    }
                }
                return linear(h, p + "mlp.down_proj");
            }
            default -> {
                String[] names =
                        switch (o.family) {
                            case "mae" -> new String[] {"intermediate.dense", "output.dense"};
                            case "dinov3" -> new String[] {"mlp.up_proj", "mlp.down_proj"};
                            default -> new String[] {"mlp.fc1", "mlp.fc2"};
                        };
                double[][] h = linear(x, p + names[0]);
                for (double[] row : h) {
                    for (int c = 0; c < row.length; c++) {
                        row[c] = function(o.act).applyAsDouble(row[c]);
                    }
                }
                return linear(h, p + names[1]);
            }
        }
    }

    private static DoubleUnaryOperator function(String name) {
        return switch (name) {
            case "gelu" -> v -> 0.5 * v * (1 + erf(v / Math.sqrt(2)));
            case "gelu_pytorch_tanh" ->
                v -> 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v * v * v)));
            case "silu" -> v -> v / (1 + Math.exp(-v));
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** The error function by its power series, enough for the small arguments here. */
    private static double erf(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return Math.abs(x) > 5 ? Math.signum(x) : 2 / Math.sqrt(Math.PI) * sum;
    }

    // ---- rows ----

    private double[][] linear(double[][] x, String name) {
        double[][] weight = rows(values(name + ".weight"), x[0].length);
        double[] bias = state.has(name + ".bias") ? values(name + ".bias") : new double[weight.length];
        double[][] y = new double[x.length][weight.length];
        for (int n = 0; n < x.length; n++) {
            for (int out = 0; out < weight.length; out++) {
                double sum = bias[out];
                for (int in = 0; in < x[n].length; in++) {
                    sum += x[n][in] * weight[out][in];
                }
                y[n][out] = sum;
            }
        }
        return y;
    }

    private double[][] layerNorm(double[][] x, String name) {
        double[][] y = new double[x.length][x[0].length];
        for (int n = 0; n < x.length; n++) {
            double mean = Arrays.stream(x[n]).average().orElseThrow();
            double variance = Arrays.stream(x[n])
                    .map(v -> (v - mean) * (v - mean))
                    .average()
                    .orElseThrow();
            for (int c = 0; c < y[n].length; c++) {
                y[n][c] = (x[n][c] - mean) / Math.sqrt(variance + o.eps);
                if (name != null) {
                    y[n][c] = y[n][c] * values(name + ".weight")[c] + values(name + ".bias")[c];
                }
            }
        }
        return y;
    }

    private double[][] scaled(double[][] x, String name) {
        if (name != null) {
            double[] scale = values(name);
            for (double[] row : x) {
                for (int c = 0; c < row.length; c++) {
                    row[c] *= scale[c];
                }
            }
        }
        return x;
    }

    private static double[][] add(double[][] x, double[][] y) {
        double[][] sum = new double[x.length][x[0].length];
        for (int n = 0; n < x.length; n++) {
            for (int c = 0; c < sum[n].length; c++) {
                sum[n][c] = x[n][c] + y[n][c];
            }
        }
        return sum;
    }

    private double[] values(String name) {
        return cache.computeIfAbsent(name, key -> {
            float[] floats = state.get(key).toFloats();
            double[] doubles = new double[floats.length];
            for (int i = 0; i < floats.length; i++) {
                doubles[i] = floats[i];
            }
            return doubles;
        });
    }

    private static double[][] rows(double[] flat, int width) {
        double[][] rows = new double[flat.length / width][width];
        for (int i = 0; i < flat.length; i++) {
            rows[i / width][i % width] = flat[i];
        }
        return rows;
    }
}
