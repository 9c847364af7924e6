"""The files that mutations start from: networks of ours, torch's classes, onnx's own cases."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["LARGEST", "corpus"]

LARGEST = 2**18
"""Bytes: what grows from it by a few mutations stays below a megabyte."""

_GALLERY = ("lenet5", "alexnet", "alexnet_two_gpu", "googlenet", "resnet18", "vit_b_16", "unet")
_CASES = 400
"""How many of onnx's own node cases, evenly taken, serve."""


def corpus(folder: Path) -> dict[str, list[Path]]:
    """Write the files into a folder, where they are not yet, and return them by kind.

    A kind is a suffix, or ``large``: graph files of thousands of operators.
    """
    done = folder / "done"
    if not done.exists():
        for kind, suffix, name, content in (*_files(), *_large()):
            if len(content) <= LARGEST or kind == "large":
                home = folder / kind
                home.mkdir(parents=True, exist_ok=True)
                (home / f"{name}.{suffix}").write_bytes(content)
        done.touch()
    return {home.name: sorted(home.iterdir()) for home in sorted(folder.iterdir()) if home.is_dir()}


def _files() -> Iterator[tuple[str, str, str, bytes]]:
    for suffix, name, content in _small():
        yield suffix, suffix, name, content


def _large() -> Iterator[tuple[str, str, str, bytes]]:
    """Yield a chain, a fan, a net in which all read all, names of many parts, and disorder."""
    n = 3000
    wide = [f"x{i}" for i in range(n // 4)]
    yield _graph("chain", [(f"x{i}", [f"x{i - 1}"] if i else ["in"]) for i in range(n)])
    yield _graph("fan", [*((each, ["in"]) for each in wide), ("sum", wide)])
    yield _graph("dense", [(f"x{i}", ["in", *(f"x{j}" for j in range(i))]) for i in range(120)])
    deep = [".".join("abcdefgh"[i % 8] * 3 for i in range(at, at + 20)) for at in range(n // 4)]
    names = [f"{name}.{at}" for at, name in enumerate(deep)]
    yield _graph("deep", [*zip(names, [["in"], *([each] for each in names)], strict=False)])
    yield _graph("backwards", [(f"x{i}", [f"x{i + 1}" if i < n else "in"]) for i in range(n + 1)])


def _graph(name: str, nodes: list[tuple[str, list[str]]]) -> tuple[str, str, str, bytes]:
    """Return a graph file of additions that read what they are said to read."""
    records = [{"name": "in", "op": "Input", "args": {"shape": [4]}, "inputs": []}]
    records += [{"name": each, "op": "Add", "args": {}, "inputs": read} for each, read in nodes]
    whole = {"format": "archgraph", "version": 1, "graph": {"name": name}, "nodes": records}
    return "large", "json", name, json.dumps(whole).encode()


def _small() -> Iterator[tuple[str, str, bytes]]:
    import archgraph as ag

    for name in _GALLERY:
        yield "json", name, _json(ag.load(name))
        yield "onnx", name, _exported(name)
    yield "json", "annotated", _json(_annotated())
    for name, module, example in _modules():
        yield "json", name, _json(ag.load(module, example=example, name=name))
        yield "onnx", name, _exported(module, example=example)
    yield from _cases()
    yield from _light()
    yield from _checkpoints()


def _json(net: Any) -> bytes:
    from archgraph.formats.graph_json import dumps

    return dumps(net).encode()


def _exported(net: Any, **options: Any) -> bytes:
    import tempfile

    import archgraph as ag

    with tempfile.TemporaryDirectory() as folder:
        path = ag.export_onnx(net, Path(folder, "x.onnx"), structure_only=True, **options)
        return path.read_bytes()


def _annotated() -> Any:
    """Return a network that has one of everything that a graph file can say."""
    import archgraph as ag

    net = ag.load("alexnet_two_gpu")
    first, second, *_ = net
    net.nodes[second]["seconds"] = 0.5
    net.graph["metrics"] = {
        "seconds": {"title": "Time", "unit": "s", "reduce": "sum", "per_image": True}
    }
    net.graph["groups"] = {"mine": {"kind": "block", "label": "Mine"}}
    net.nodes[second]["group"] = "mine"
    net.edges[first, second]["note"] = "seen"
    return net


def _modules() -> Iterator[tuple[str, Any, Any]]:
    import torch
    from torch import nn

    torch.manual_seed(0)
    yield "encoder", nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), torch.zeros(1, 5, 16)
    yield "attention", nn.MultiheadAttention(16, 2, batch_first=True), (torch.zeros(1, 5, 16),) * 3
    yield "lstm", nn.LSTM(8, 16, 2, batch_first=True, bidirectional=True), torch.zeros(1, 5, 8)
    yield "words", nn.Sequential(nn.Embedding(50, 8), nn.Linear(8, 50)), torch.zeros(1, 6).long()


def _cases() -> Iterator[tuple[str, str, bytes]]:
    """Yield onnx's own node cases, and as graph files those that are read."""
    from onnx.backend.test.case.node import collect_testcases

    import archgraph as ag
    from archgraph.errors import ArchGraphError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        every = sorted(collect_testcases(), key=lambda case: str(case.name))
    every = [case for case in every if case.model is not None]
    for number, case in enumerate(every[:: max(1, len(every) // _CASES)]):
        content = case.model.SerializeToString()
        yield "onnx", case.name, content
        if number % 15 == 0:
            import tempfile

            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "x.onnx")
                path.write_bytes(content)
                try:
                    yield "json", case.name, _json(ag.load(path))
                except ArchGraphError:
                    continue


def _light() -> Iterator[tuple[str, str, bytes]]:
    """Yield the well-known networks without weights that come with onnx."""
    import onnx

    for path in sorted(Path(onnx.__file__).parent.glob("backend/test/data/light/*.onnx")):
        yield "onnx", path.stem, path.read_bytes()


def _checkpoints() -> Iterator[tuple[str, str, bytes]]:
    from io import BytesIO

    import torch
    from safetensors.torch import save

    import archgraph as ag

    state = ag.to_torch(ag.load("lenet5")).state_dict()
    yield "safetensors", "lenet5", save(dict(state))
    for name, legacy in (("lenet5", False), ("lenet5-legacy", True)):
        held = BytesIO()
        torch.save(state, held, _use_new_zipfile_serialization=not legacy)
        yield "pth", name, held.getvalue()
    held = BytesIO()
    torch.save({"state_dict": state, "epoch": 3}, held)
    yield "pth", "lenet5-trained", held.getvalue()
