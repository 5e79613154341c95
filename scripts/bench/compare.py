#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `./dsr bench` and the same model in PyTorch in turns, and prints the ratios of their medians.

    python3 -m venv .venv && .venv/bin/pip install torch==2.7.1 numpy safetensors
    .venv/bin/python scripts/bench/compare.py [--rounds 3] [--steps 5] [--threads 2] [--no-compile]

Every round runs our bench, eager PyTorch and torch.compile once each, so that all three see the same machine. The numbers
are compared first: PyTorch has to reach the same losses, gradient norms and output from the same weights and noise.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(command, threads, target):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return json.loads(Path(target).read_text(encoding="utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    options = parser.parse_args()
    kinds = ["dsr", "eager"] + ([] if options.no_compile else ["compile"])
    results = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as folder:
        case, out = f"{folder}/case.safetensors", f"{folder}/out.json"
        dsr = [str(ROOT / "dsr"), "bench", "--threads", str(options.threads)]
        subprocess.run([*dsr, "--case", case], check=True)
        plain = [sys.executable, str(ROOT / "scripts/bench/torch_step.py"), case, "--json", out]
        steps = ["--steps", str(options.steps)]
        commands = {
            "dsr": [*dsr, *steps, "--json", out],
            "eager": [*plain, *steps],
            "compile": [*plain, *steps, "--compile"],
        }
        for number in range(options.rounds):
            for kind in kinds:
                result = run(commands[kind], options.threads, out)
                results[kind].append(result)
                line = ", ".join(f"{step} {result[step]['median']:.3f} s" for step in ("training", "sampling"))
                print(f"round {number + 1} {kind:8s} {line}, matmul {result['matmul_gflops']:.1f} GFLOP/s", flush=True)
    differences = results["eager"][0]["differences"]
    print(f"same numbers: losses and norms within {differences['losses_and_norms']:.1e}, output {differences['output']:.1e}")
    for step in ("training", "sampling"):
        medians = {kind: statistics.median(r[step]["median"] for r in results[kind]) for kind in kinds}
        for kind in kinds[1:]:
            print(f"{step}: {medians[kind] / medians['dsr']:.2f}x the speed of PyTorch {kind}")


if __name__ == "__main__":
    main()
