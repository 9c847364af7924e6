"""Counts what recognition finds in networks of others, against the classes that they are made of.

``python -m bench.recognition`` writes the table of docs/recognition.md; with names it prints the
rows of these networks only.
"""

from __future__ import annotations

import logging
import re
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

import archgraph as ag
from archgraph.recognition import recognise
from bench.recognition_networks import NETWORKS, Network

__all__ = ["main"]

PAGE = Path("docs/recognition.md")
BEGIN, END = "<!-- table -->", "<!-- end of table -->"

ACTIVATIONS = {
    "quickgelu": "QuickGELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "swish": "SiLU",
    "hardswish": "Hardswish",
    "hardsigmoid": "Hardsigmoid",
    "mish": "mish",
    "softplus": "softplus",
}
"""What the operator of an activation is called, by what its class's name ends in, in small letters;
the first that fits. Those that are one node in every file (ReLU, tanh) are not counted."""

NORMS = {"layernorm": "LayerNorm", "rmsnorm": "RMSNorm", "groupnorm": "GroupNorm"}


class Row(NamedTuple):
    """What was found in one network that was read in one way."""

    network: str
    way: str
    attention: tuple[int, int]
    norms: tuple[int, int]
    activations: tuple[int, int]
    same: bool


def expected(network: Network) -> dict[str, Counter[str]]:
    """Count the calls of a network's classes that are attention, norms and activations."""
    found: dict[str, Counter[str]] = {"attention": Counter(), "norm": Counter(), "act": Counter()}
    handles = []
    for _, part in network.module.named_modules():
        told = _told(part)
        if told is not None:
            kind, word = told

            def note(*_: Any, kind: str = kind, word: str = word) -> None:
                found[kind][word] += 1

            handles.append(part.register_forward_hook(note))
    with torch.no_grad():
        network.module(*network.example)
    for handle in handles:
        handle.remove()
    return found


def _told(part: nn.Module) -> tuple[str, str] | None:
    """Return what a class is counted as, and the operator that it should become."""
    name = type(part).__name__
    inner = [each for each in part.modules() if each is not part]
    if _is_attention(part) and not any(map(_is_attention, inner)):
        return "attention", "ScaledDotProductAttention"
    if inner:
        return None
    small = name.lower().removesuffix("activation").removesuffix("jit").removesuffix("me")
    if "norm" in small and "batchnorm" not in small:
        word = "RMSNorm" if "rms" in small or name in _RMS else "LayerNorm"
        return "norm", "GroupNorm" if "group" in small and "layer" not in small else word
    for ending in ("hardswish", "hardsigmoid", *ACTIVATIONS):
        if ending in small:
            return "act", ACTIVATIONS[ending]
    return None


_RMS = ("T5LayerNorm",)


def _is_attention(part: nn.Module) -> bool:
    name = type(part).__name__
    return bool(re.search(r"(Attention|Attn)(Rel\w+|RoPE|Rope|V2|SubSample)?$", name)) or name in (
        "ClassAttn",
        "TalkingHeadAttn",
    )


def counts(net: ag.ArchGraph) -> Counter[str]:
    """Count a graph's operators by the words that patterns have for them."""
    from archgraph.recognition.recognise import word_of

    return Counter(word_of(net.op(name)) for name in net)


def row(name: str, way: str, before: ag.ArchGraph, wanted: dict[str, Counter[str]]) -> Row:
    """Recognise what is in a graph and count it."""
    after = recognise(before)
    after.check()
    found = counts(after)
    same = all(before.total(what) == after.total(what) for what in ("params", "macs"))
    same &= _origins(before) == _origins(after)
    same &= [before.tensor(n) for n in before.results] == [after.tensor(n) for n in after.results]

    def of(kind: str) -> tuple[int, int]:
        words = wanted[kind]
        if kind == "norm":  # called alike by many: which of them does not matter
            total = sum(words.values())
            return min(total, sum(found[word] for word in NORMS.values())), total
        return sum(min(found[word], count) for word, count in words.items()), sum(words.values())

    return Row(name, way, of("attention"), of("norm"), of("act"), same)


def _origins(net: ag.ArchGraph) -> list[str]:
    return sorted(each for name in net for each in net.nodes[name].get("origin", ()))


def rows(names: list[str]) -> Iterator[Row]:
    """Yield what is found in each network, read in each way."""
    for name in names:
        wanted = None
        for attention in ("eager", "sdpa"):
            torch.manual_seed(0)
            try:
                network = NETWORKS[name](attention)
            except ValueError as error:  # no such implementation of this network's attention
                print(f"{name}: {str(error).splitlines()[0]}", file=sys.stderr)
                continue
            _shake(network.module)
            wanted = wanted or expected(network)
            net = ag.load(network.module, example=network.example, recognise=False)
            yield row(name, f"module, {attention}", net, wanted)
            if attention == "sdpa" and name.startswith(("torchvision mobile", "torchvision eff")):
                continue
            for way, path in exported(network):
                net = ag.load(path, recognise=False)
                yield row(name, f"{way}, {attention}", net, wanted)


def _shake(module: nn.Module) -> None:
    """Make vectors that begin equal differ: the exporters write equal ones, and calls, once."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.ndim < 2:
                parameter.add_(torch.rand_like(parameter) / 10)


def exported(network: Network) -> Iterator[tuple[str, Path]]:
    """Yield the files that both of torch's exporters write of a network, and tools make of one."""
    with tempfile.TemporaryDirectory() as folder:
        for way, settings in (
            ("ONNX, older exporter", {"dynamo": False, "opset_version": 14}),
            ("ONNX, newer exporter", {"dynamo": True, "opset_version": 18}),
        ):
            path = Path(folder, "net.onnx")
            try:
                with redirect_stdout(StringIO()):
                    torch.onnx.export(
                        network.module, tuple(network.example), path, verbose=False, **settings
                    )
            except Exception as error:
                print(f"{way}: {str(error).splitlines()[0]:.100}", file=sys.stderr)
                continue
            yield way, path
            if not settings["dynamo"]:
                yield from _simplified(path, Path(folder))


def _simplified(path: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    import onnx
    import onnxruntime

    made = folder / "ort.onnx"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(made)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    yield "ONNX, onnxruntime", made
    try:
        from onnxsim import simplify
    except ImportError:
        return
    made = folder / "sim.onnx"
    model, _ = simplify(onnx.load(path))
    onnx.save(model, made)
    yield "ONNX, onnxsim", made


def main() -> None:
    """Measure, print, write."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    wanted = sys.argv[1:]
    names = [name for name in NETWORKS if not wanted or any(w in name for w in wanted)]
    for each in rows(names):
        print(*each, sep=" | ", flush=True)


if __name__ == "__main__":
    main()
