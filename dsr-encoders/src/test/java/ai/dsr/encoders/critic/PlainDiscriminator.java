// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.dsr.core.io.StateDict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The discriminator once more, in plain loops over doubles and one image at a time: an oracle for options that no stored
 * case covers. It shares neither kernels nor layers with the library.
 */
final class PlainDiscriminator {
    private static final int SIDE = 224;
    private static final double[] MEAN = {0.485, 0.456, 0.406};
    private static final double[] STD = {0.229, 0.224, 0.225};

    private final DinoDiscriminatorConfig o;
    private final Map<String, double[]> values = new HashMap<>();

    PlainDiscriminator(DinoDiscriminatorConfig options, StateDict... states) {
        o = options;
        for (StateDict state : states) {
            state.toMap().forEach((name, tensor) -> {
                float[] floats = tensor.toFloats();
                double[] copy = new double[floats.length];
                for (int i = 0; i < copy.length; i++) {
                    copy[i] = floats[i];
                }
                values.put(name, copy);
            });
        }
    }

    /** The live values of a weight or buffer. */
    double[] values(String name) {
        return values.get(name);
    }

    // ---- heads ----

    /** Logits of what {@link #activations} returns. */
    double[] logits(List<double[][]> activations) {
        List<Double> logits = new ArrayList<>();
        for (int j = 0; j < activations.size(); j++) {
            String head = "heads." + j + ".";
            double[][] a = block(activations.get(j), head + "0.", 1);
            double[][] r = block(a, head + "1.fn.", o.ks());
            for (int c = 0; c < r.length; c++) {
                for (int t = 0; t < r[c].length; t++) {
                    r[c][t] = (r[c][t] + a[c][t]) / Math.sqrt(2);
                }
            }
            for (double logit : convolve(r, head + "2.", 1)[0]) {
                logits.add(logit);
            }
        }
        return logits.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** One power iteration of every spectral norm. */
    void iterate() {
        for (String name : List.copyOf(values.keySet())) {
            if (name.endsWith("weight_u")) {
                String conv = name.substring(0, name.length() - "weight_u".length());
                double[] w = values(conv + "weight_orig");
                double[] u = values(name);
                double[] v = values(conv + "weight_v");
                for (int j = 0; j < v.length; j++) {
                    v[j] = 0;
                    for (int i = 0; i < u.length; i++) {
                        v[j] += w[i * v.length + j] * u[i];
                    }
                }
                divide(v, length(v));
                for (int i = 0; i < u.length; i++) {
                    u[i] = 0;
                    for (int j = 0; j < v.length; j++) {
                        u[i] += w[i * v.length + j] * v[j];
                    }
                }
                divide(u, length(u));
            }
        }
    }

    private static double length(double[] x) {
        double square = 0;
        for (double value : x) {
            square += value * value;
        }
        return Math.sqrt(square);
    }

    private static void divide(double[] x, double by) {
        for (int i = 0; i < x.length; i++) {
            x[i] /= by;
        }
    }

    private double[] convWeight(String conv) {
        double[] u = values(conv + "weight_u");
        if (u == null) {
            return values(conv + "weight");
        }
        double[] v = values(conv + "weight_v");
        double[] w = values(conv + "weight_orig").clone();
        double sigma = 0;
        for (int i = 0; i < w.length; i++) {
            sigma += u[i / v.length] * w[i] * v[i % v.length];
        }
        divide(w, sigma);
        return w;
    }

    private double[][] convolve(double[][] x, String conv, int k) {
        double[] w = convWeight(conv);
        double[] bias = values(conv + "bias");
        int tokens = x[0].length;
        double[][] y = new double[bias.length][tokens];
        for (int out = 0; out < y.length; out++) {
            for (int t = 0; t < tokens; t++) {
                double sum = bias[out];
                for (int in = 0; in < x.length; in++) {
                    for (int i = 0; i < k; i++) {
                        sum += w[(out * x.length + in) * k + i] * x[in][Math.floorMod(t + i - k / 2, tokens)];
                    }
                }
                y[out][t] = sum;
            }
        }
        return y;
    }

    private double[][] block(double[][] x, String name, int k) {
        double[][] y = convolve(x, name + "0.", k);
        double[] scale = values(name + "1.weight");
        double[] shift = values(name + "1.bias");
        int size = o.normType() == DinoDiscriminatorConfig.HeadNorm.BN ? 1 : y.length / 32;
        for (int first = 0; first < y.length; first += size) {
            double sum = 0;
            double square = 0;
            int count = size * y[0].length;
            for (int c = first; c < first + size; c++) {
                for (double value : y[c]) {
                    sum += value;
                }
            }
            double mean = sum / count;
            for (int c = first; c < first + size; c++) {
                for (double value : y[c]) {
                    square += (value - mean) * (value - mean);
                }
            }
            double std = Math.sqrt(square / count + o.normEps());
            for (int c = first; c < first + size; c++) {
                for (int t = 0; t < y[c].length; t++) {
                    double z = (y[c][t] - mean) / std * scale[c] + shift[c];
                    y[c][t] = z > 0 ? z : 0.2 * z;
                }
            }
        }
        return y;
    }

    // ---- transformer ----

    /** What the heads look at, {@code [E][T]} each, for an image {@code [3][H][W]}. */
    List<double[][]> activations(double[][][] image) {
        double[][] x = embed(image);
        List<double[][]> activations = new ArrayList<>();
        for (int i = 0; i < o.backbone().depth(); i++) {
            x = transformerBlock(x, "blocks." + i + ".");
            if (o.keyDepths().contains(i)) {
                activations.add(channels(x));
            }
        }
        activations.add(0, channels(x));
        return activations;
    }

    private static double[][] channels(double[][] tokens) {
        double[][] x = new double[tokens[0].length][tokens.length - 1];
        for (int c = 0; c < x.length; c++) {
            for (int t = 0; t < x[c].length; t++) {
                x[c][t] = tokens[t + 1][c];
            }
        }
        return x;
    }

    private double[][] embed(double[][][] image) {
        int p = o.backbone().patchSize();
        int grid = SIDE / p;
        int width = o.backbone().embedDim();
        double[] w = values("patch_embed.proj.weight");
        double[] positions = values("pos_embed");
        double[][] x = new double[1 + grid * grid][width];
        x[0] = values("cls_token").clone();
        double[][][] pixels = new double[3][][];
        for (int c = 0; c < 3; c++) {
            pixels[c] = resize(image[c]);
        }
        for (int t = 0; t < grid * grid; t++) {
            for (int d = 0; d < width; d++) {
                double sum = values("patch_embed.proj.bias")[d];
                for (int i = 0; i < 3 * p * p; i++) {
                    int c = i / (p * p);
                    double pixel = pixels[c][t / grid * p + i / p % p][t % grid * p + i % p];
                    sum += w[d * 3 * p * p + i] * (pixel * (0.5 / STD[c]) + (0.5 - MEAN[c]) / STD[c]);
                }
                x[t + 1][d] = sum;
            }
        }
        for (int t = 0; t < x.length; t++) {
            for (int d = 0; d < width; d++) {
                x[t][d] += positions[t * width + d];
            }
        }
        return x;
    }

    private static double[][] resize(double[][] x) {
        double[][] y = new double[SIDE][SIDE];
        for (int i = 0; i < SIDE; i++) {
            double row = Math.max((i + 0.5) * x.length / SIDE - 0.5, 0);
            int r = (int) row;
            int below = Math.min(r + 1, x.length - 1);
            for (int j = 0; j < SIDE; j++) {
                double column = Math.max((j + 0.5) * x[0].length / SIDE - 0.5, 0);
                int c = (int) column;
                int right = Math.min(c + 1, x[0].length - 1);
                double top = x[r][c] + (column - c) * (x[r][right] - x[r][c]);
                double bottom = x[below][c] + (column - c) * (x[below][right] - x[below][c]);
                y[i][j] = top + (row - r) * (bottom - top);
            }
        }
        return y;
    }

    private double[][] transformerBlock(double[][] x, String name) {
        double[][] attended = linear(attention(layerNorm(x, name + "norm1."), name), name + "attn.proj.");
        double[][] y = add(x, attended);
        double[][] hidden = linear(layerNorm(y, name + "norm2."), name + "mlp.fc1.");
        for (double[] row : hidden) {
            for (int i = 0; i < row.length; i++) {
                double h = row[i];
                row[i] = 0.5 * h * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (h + 0.044715 * h * h * h)));
            }
        }
        return add(y, linear(hidden, name + "mlp.fc2."));
    }

    private double[][] attention(double[][] h, String name) {
        double[][] qkv = linear(h, name + "attn.qkv.");
        int width = h[0].length;
        int d = width / o.backbone().numHeads();
        double[][] y = new double[h.length][width];
        for (int first = 0; first < width; first += d) {
            for (int i = 0; i < h.length; i++) {
                double[] weights = new double[h.length];
                double total = 0;
                for (int j = 0; j < h.length; j++) {
                    double score = 0;
                    for (int c = first; c < first + d; c++) {
                        score += qkv[i][c] * qkv[j][width + c] / Math.sqrt(d);
                    }
                    weights[j] = Math.exp(score);
                    total += weights[j];
                }
                for (int j = 0; j < h.length; j++) {
                    for (int c = first; c < first + d; c++) {
                        y[i][c] += weights[j] / total * qkv[j][2 * width + c];
                    }
                }
            }
        }
        return y;
    }

    private double[][] linear(double[][] x, String name) {
        double[] w = values(name + "weight");
        double[] bias = values(name + "bias");
        double[][] y = new double[x.length][bias.length];
        for (int t = 0; t < x.length; t++) {
            for (int out = 0; out < bias.length; out++) {
                y[t][out] = bias[out];
                for (int in = 0; in < x[t].length; in++) {
                    y[t][out] += w[out * x[t].length + in] * x[t][in];
                }
            }
        }
        return y;
    }

    private double[][] layerNorm(double[][] x, String name) {
        double[][] y = new double[x.length][x[0].length];
        for (int t = 0; t < x.length; t++) {
            double mean = 0;
            double variance = 0;
            for (double value : x[t]) {
                mean += value / x[t].length;
            }
            for (double value : x[t]) {
                variance += (value - mean) * (value - mean) / x[t].length;
            }
            for (int c = 0; c < x[t].length; c++) {
                double normal = (x[t][c] - mean) / Math.sqrt(variance + o.normEps());
                y[t][c] = normal * values(name + "weight")[c] + values(name + "bias")[c];
            }
        }
        return y;
    }

    private static double[][] add(double[][] x, double[][] y) {
        double[][] sum = new double[x.length][x[0].length];
        for (int t = 0; t < x.length; t++) {
            for (int c = 0; c < x[t].length; c++) {
                sum[t][c] = x[t][c] + y[t][c];
            }
        }
        return sum;
    }
}
