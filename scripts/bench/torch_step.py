#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The model of `./dsr bench` in plain PyTorch, to compare with: checks the numbers, then times the same two steps.

    python torch_step.py CASE.safetensors [--steps N] [--compile] [--json FILE]

CASE is what `./dsr bench --case` wrote. A training step is noise, forward, backward, clipping, fused AdamW and the moving
average; a sampling step is one evaluation without gradients. Needs torch==2.7.1, numpy and safetensors.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

WIDTH, DEPTH, HEADS, GRID, CHANNELS, CLASSES, REGISTERS, START, BATCH = 384, 12, 6, 16, 384, 1000, 36, 4, 8
MATRIX, MATRIX_RUNS, WARM_UP = 2048, 12, 3


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


def rotary_table(registers):
    """Cosine and sine (R + 256, head width): rows first, then columns; registers are not rotated."""
    quarter = WIDTH // HEADS // 4
    frequencies = 10000 ** (-torch.arange(quarter) * 2.0 / (2 * quarter))
    angles = (torch.arange(GRID)[:, None] * frequencies).repeat_interleave(2, 1)
    grid = torch.cat([angles[:, None].expand(-1, GRID, -1), angles[None].expand(GRID, -1, -1)], -1).flatten(0, 1)
    grid = torch.cat([torch.zeros(registers, grid.shape[1]), grid])
    return grid.cos(), grid.sin()


def rotate(x, table):
    pairs = x.unflatten(-1, (-1, 2))
    turned = torch.stack([-pairs[..., 1], pairs[..., 0]], -1).flatten(-2)
    return x * table[0] + turned * table[1]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.proj = nn.Linear(WIDTH, WIDTH)

    def forward(self, x, table):
        b, n, _ = x.shape
        q, k, v = self.qkv(x).view(b, n, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(rotate(q, table), rotate(k, table), v)
        return self.proj(y.transpose(1, 2).reshape(b, n, WIDTH))


class SwiGLU(nn.Module):
    def __init__(self):
        super().__init__()
        hidden = int(2 / 3 * 4 * WIDTH)
        self.w12 = nn.Linear(WIDTH, 2 * hidden)
        self.w3 = nn.Linear(hidden, WIDTH)

    def forward(self, x):
        a, b = self.w12(x).chunk(2, -1)
        return self.w3(F.silu(a) * b)


def modulation(parts):
    return nn.Sequential(nn.SiLU(), nn.Linear(WIDTH, parts * WIDTH))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.attn = RMSNorm(WIDTH), Attention()
        self.norm2, self.mlp = RMSNorm(WIDTH), SwiGLU()
        self.adaLN_modulation = modulation(6)

    def forward(self, x, c, table):
        shift1, scale1, gate1, shift2, scale2, gate2 = self.adaLN_modulation(c)[:, None].chunk(6, -1)
        x = x + gate1 * self.attn(self.norm1(x) * (1 + scale1) + shift1, table)
        return x + gate2 * self.mlp(self.norm2(x) * (1 + scale2) + shift2)


class TimeEmbedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(torch.zeros(256))
        self.mlp = nn.Sequential(nn.Linear(512, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH))

    def forward(self, t):
        a = t[:, None] * self.W[None] * 2 * torch.pi
        return self.mlp(torch.cat([a.sin(), a.cos()], -1))


class LabelEmbedding(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding_table = nn.Embedding(CLASSES + 1, WIDTH)

    def forward(self, y):
        return self.embedding_table(y)


class Patches(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(CHANNELS, WIDTH, 1)

    def forward(self, x):
        return self.proj(x).flatten(2).transpose(1, 2)


class FinalLayer(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_final, self.linear = RMSNorm(WIDTH), nn.Linear(WIDTH, CHANNELS)
        self.adaLN_modulation = modulation(2)

    def forward(self, x, c):
        shift, scale = self.adaLN_modulation(c)[:, None].chunk(2, -1)
        return self.linear(self.norm_final(x) * (1 + scale) + shift)


class DiT(nn.Module):
    def __init__(self):
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, GRID * GRID, WIDTH))
        self.register_tokens = nn.Parameter(torch.zeros(1, REGISTERS, WIDTH))
        self.register_pos_embed = nn.Parameter(torch.zeros(1, REGISTERS, WIDTH))
        self.x_embedder, self.t_embedder, self.y_embedder = Patches(), TimeEmbedding(), LabelEmbedding()
        self.blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.final_layer = FinalLayer()
        self.plain, self.with_registers = rotary_table(0), rotary_table(REGISTERS)

    def forward(self, x, t, y):
        c = self.t_embedder(t) + self.y_embedder(y)
        h = self.x_embedder(x) + self.pos_embed
        table = self.plain
        for i, block in enumerate(self.blocks):
            if i == START:
                h = torch.cat([(self.register_tokens + self.register_pos_embed).expand(len(h), -1, -1), h], 1)
                table = self.with_registers
            h = block(h, c, table)
        h = self.final_layer(h[:, REGISTERS:], c)
        return h.transpose(1, 2).reshape(x.shape)


class Trainer:
    """The training step: data prediction on the linear path, as in the transport of the paper."""

    def __init__(self, model, forward, x1):
        self.forward, self.x1 = forward, x1
        self.parameters = list(model.parameters())
        self.average = [p.detach().clone() for p in self.parameters]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=2e-4, betas=(0.9, 0.95), weight_decay=0, fused=True)
        self.labels = torch.zeros(len(x1), dtype=torch.int64)

    def step(self, x0=None, t=None):
        x1 = self.x1
        if x0 is None:
            x0, t = torch.randn_like(x1), torch.rand(len(x1)).clamp(0.01, 0.9)
        self.optimizer.zero_grad(set_to_none=True)
        s = t.view(-1, 1, 1, 1)
        x = (1 - s) * x1 + s * x0
        velocity = (x - self.forward(x, t, self.labels)) / s.clamp(min=0.05)
        loss = (velocity - (x0 - x1)).pow(2).mean()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], 1 - 0.9999)
        return loss.item(), norm.item()


def check(model, case):
    """Repeats the stored steps; the model is then where the stored one was."""
    trainer = Trainer(model, model, case["x1"])
    worst = 0.0
    for i, (loss, norm) in enumerate(zip(case["loss"].tolist(), case["grad_norm"].tolist())):
        got = trainer.step(case[f"x0.{i}"], case[f"t.{i}"])
        worst = max(worst, abs(got[0] / loss - 1), abs(got[1] / norm - 1))
    with torch.no_grad():
        output = model(case["x1"], torch.full((BATCH,), 0.5), trainer.labels)
    difference = ((output - case["output"]).abs().max() / case["output"].abs().max()).item()
    if worst > 1e-4 or difference > 1e-3:
        raise SystemExit(f"numbers differ: losses and norms by {worst:.1e}, output by {difference:.1e} of its maximum")
    return {"losses_and_norms": worst, "output": difference}


def measure(steps, action):
    for _ in range(WARM_UP):
        action()
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return {"median": statistics.median(seconds), "fastest": min(seconds), "slowest": max(seconds), "count": steps}


def peak():
    a, b = torch.randn(MATRIX, MATRIX), torch.randn(MATRIX, MATRIX)
    times = []
    for _ in range(MATRIX_RUNS):
        start = time.perf_counter()
        a @ b
        times.append(time.perf_counter() - start)
    return 2 * MATRIX**3 / min(times) / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--compile", action="store_true", help="compile the model with torch.compile")
    parser.add_argument("--json", help="file for the figures")
    options = parser.parse_args()
    case = load_file(options.case)
    model = DiT()
    model.load_state_dict({k.removeprefix("param/"): v for k, v in case.items() if k.startswith("param/")})
    result = {"differences": check(model, case), "threads": torch.get_num_threads()}
    forward = torch.compile(model) if options.compile else model
    trainer = Trainer(model, forward, case["x1"])
    before = peak()
    result["training"] = measure(options.steps, trainer.step)
    t = torch.full((BATCH,), 0.5)
    with torch.no_grad():
        result["sampling"] = measure(options.steps, lambda: forward(case["x1"], t, trainer.labels).sum().item())
    result["matmul_gflops"] = max(before, peak())
    text = json.dumps(result, indent=2)
    print(text)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    main()
