"""Reading large modules on the meta device: seconds and memory, beside other tools.

Each tool reads each module in a process of its own, warmed by a small one. Seconds are those of the
processor; memory is what the process needs at most above what it held when it began to read, the
module included, which has no numbers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bench.timing import Row

__all__ = ["LARGEST", "rows", "said_of"]

NETWORKS = {
    "ResNet-152": ("vision('resnet152')", "image"),
    "ViT-B/16": ("vision('vit_b_16')", "image"),
    "a Llama of 32 layers": ("llama(4096, 32, 32, 32, 11008)", "tokens"),
}
"""How each module is made, and what it reads."""

LARGEST = ("llama(8192, 80, 64, 8, 28672)", "tokens")
"""The Llama of 70 billion parameters."""

READERS = {
    "archgraph": ("archgraph", "archgraph.load(module, example=example)"),
    "torchview": ("torchview", "torchview.draw_graph(module, input_data=example, device='meta')"),
    "torch.export": (
        "torch.export",
        "torch.export.export(module, (), example) if isinstance(example, dict) "
        "else torch.export.export(module, (example,))",
    ),
    "torchinfo": (
        "torchinfo",
        "torchinfo.summary(module, input_data=example, device='meta', verbose=0)",
    ),
}
"""What each tool needs to be imported, and how it reads a module."""

_READ = """
import json, pathlib, re, sys, time, types, warnings
sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")
warnings.simplefilter("ignore")
import torch, {tool}

def memory(word):
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(word + r":\\s+(\\d+) kB", status)[1]) / 1024

def vision(name):
    import torchvision
    return getattr(torchvision.models, name)(weights=None)

def llama(width, layers, heads, shared, inner):
    import transformers
    config = transformers.LlamaConfig(
        hidden_size=width, num_hidden_layers=layers, num_attention_heads=heads,
        num_key_value_heads=shared, intermediate_size=inner, use_cache=False,
    )
    return transformers.LlamaForCausalLM(config)

def read(module, example):
    return {read}

with torch.device("meta"):
    small = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU()).eval()
    module = {make}.eval()
    image = torch.zeros(1, 3, 224, 224)
    tokens = {{"input_ids": torch.zeros(1, 128, dtype=torch.int64)}}
    read(small, image)
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # the peak is now what is held
    held, start = memory("VmHWM"), time.process_time()
    found = read(module, {example})
seconds, peak = time.process_time() - start, memory("VmHWM") - held
told = {{"seconds": seconds, "MB": peak}}
if "archgraph" in sys.modules:
    told |= {{"nodes": len(found), "params": found.total("params"), "macs": found.total("macs")}}
print("told", json.dumps(told))
"""


def said_of(tool: str, make: str, example: str, runs: int = 1) -> dict[str, Any]:
    """Return the least seconds and megabytes of a few runs, or under "error" why there are none."""
    imported, read = READERS[tool]
    code = _READ.format(tool=imported, read=read, make=make, example=example)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    least: dict[str, Any] = {}
    for _ in range(runs):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["its process ended early"]
            return {"error": lines[-1][:160]}
        told = json.loads(done.stdout.rpartition("told ")[2])
        least = told | {key: min(told[key], least.get(key, told[key])) for key in ("seconds", "MB")}
    return least


def rows() -> Iterator[Row]:
    """Yield the comparisons."""
    for name, (make, example) in NETWORKS.items():
        ours = said_of("archgraph", make, example, 2)
        for tool in list(READERS)[1:]:
            theirs = said_of(tool, make, example, 2)
            if "error" in theirs:
                print(f"{tool} does not read {name}: {theirs['error']}", flush=True)
                continue
            yield Row(f"reading {name} as a module", ours["seconds"], tool, theirs["seconds"])
            what = f"memory to read {name} as a module"
            yield Row(what, ours["MB"], tool, theirs["MB"], "MB")
    whole = said_of("archgraph", *LARGEST)
    weights = 2 * whole["params"] / 2**20
    what = f"memory for the graph of a Llama of {whole['params'] / 1e9:.1f} billion parameters"
    yield Row(what, whole["MB"], "its weights in 16 bits", weights, "MB")
