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
from archgraph.provenance import whole_origin
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
    told = (each for name in net for each in net.nodes[name].get("origin", ()))
    return sorted(set(map(whole_origin, told)))


def rows(names: list[str]) -> Iterator[Row]:
    """Yield what is found in each network, read in each way."""
    for name in names:
        wanted = None
        made = [each for each in (_made(name, "eager"), _made(name, "sdpa")) if each is not None]
        for network in made:
            wanted = wanted or expected(network)
            net = ag.load(network.module, example=network.example, recognise=False)
            yield row(name, f"module, {'eager' if network is made[0] else 'sdpa'}", net, wanted)
        for dynamo, network in ((False, made[0]), (True, made[-1])):
            for way, path in exported(network, dynamo=dynamo):
                yield row(name, way, ag.load(path, recognise=False), wanted or {})


def _made(name: str, attention: str) -> Network | None:
    """Return a network with its attention implemented so; None where it has one way only."""
    torch.manual_seed(0)
    try:
        network = NETWORKS[name](attention)
    except ValueError:
        return None
    if attention == "sdpa" and name.startswith("torchvision"):
        return None
    _shake(network.module)
    return network


def _shake(module: nn.Module) -> None:
    """Make vectors that begin equal differ: the exporters write equal ones, and calls, once."""
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.ndim < 2:
                parameter.add_(torch.rand_like(parameter) / 10)


def exported(network: Network, *, dynamo: bool) -> Iterator[tuple[str, Path]]:
    """Yield the file that one of torch's exporters writes, and what tools make of the older's."""
    way = f"ONNX, {'newer' if dynamo else 'older'} exporter"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "net.onnx")
        try:
            with redirect_stdout(StringIO()):
                torch.onnx.export(
                    network.module,
                    tuple(network.example),
                    path,
                    dynamo=dynamo,
                    opset_version=18 if dynamo else 14,
                    verbose=False,
                )
        except Exception as error:
            print(f"{way}: {str(error).splitlines()[0]:.100}", file=sys.stderr)
            return
        yield way, path
        if not dynamo:
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


HEAD = "| network | read from | attention | norms | activations | params, MACs |\n"
RULE = "|---|---|--:|--:|--:|---|\n"


def _line(each: Row) -> str:
    found = [f"{some} of {of}" if of else "" for some, of in each[2:5]]
    same = "same" if each.same else "differ"
    return f"| {' | '.join([each.network, each.way, *found, same])}"


def _summary(found: list[Row]) -> str:
    """Return how much of each kind was found in all, by the way in which it was read."""
    lines = []
    for way in dict.fromkeys(each.way for each in found):
        those = [each for each in found if each.way == way]
        sums = [[sum(pair) for pair in zip(*(each[i] for each in those), strict=True)]
                for i in (2, 3, 4)]  # fmt: skip
        same = all(each.same for each in those)
        lines.append(
            f"| **{len(those)} networks** | {way} | "
            + " | ".join(f"**{some} of {of}**" for some, of in sums)
            + f" | {'same' if same else 'differ'} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print, write."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    wanted = sys.argv[1:]
    names = [name for name in NETWORKS if not wanted or any(w in name for w in wanted)]
    found = []
    for each in rows(names):
        found.append(each)
        print(_line(each), flush=True)
    lines = "\n".join(f"{_line(each)} |" for each in found)
    table = f"{HEAD}{RULE}{lines}\n{_summary(found)}\n"
    if wanted:
        return
    head, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{head}{BEGIN}\n\n{table}\n{END}{rest.partition(END)[2]}", "utf-8")


if __name__ == "__main__":
    main()
