"""Source that was written from a graph, run beside our own module of the same graph."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import torch
from random_graphs import fed
from torch import nn

import archgraph as ag
from archgraph.exporters.source import source

__all__ = ["assert_source_computes_the_same", "formatted", "made_from", "shapes"]


def made_from(text: str) -> nn.Module:
    """Run a file's text as a module of its own; return an instance of its last class."""
    module = ModuleType("written")
    exec(compile(text, "written.py", "exec"), module.__dict__)
    classes = [
        found
        for found in vars(module).values()
        if isinstance(found, type)
        and issubclass(found, nn.Module)
        and found.__module__ == "written"
    ]
    made: nn.Module = classes[-1]()
    return made


def shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in module.state_dict().items()}


def assert_source_computes_the_same(net: ag.ArchGraph, *modes: bool) -> str:
    """Compare with archgraph's own module on one input, dropout off; return the text.

    ``modes``: in training (True), at inference (False), or both where none is given.
    """
    text = source(net)
    wanted, written = ag.to_torch(net, seed=1), made_from(text)
    assert shapes(written) == shapes(wanted)
    written.load_state_dict(wanted.state_dict())
    for layer in (*wanted.modules(), *written.modules()):
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    inputs = fed(net, 2)
    for training in modes or (False, True):
        results = []
        for module in (wanted, written):
            module.train(training)
            with torch.no_grad():
                result = module(*inputs)
            results.append(result if isinstance(result, tuple) else (result,))
        assert len(results[0]) == len(results[1])
        for one, other in zip(*results, strict=True):
            torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-4, equal_nan=True)
    return text


def formatted(folder: Path) -> None:
    """Check all files of a folder with ruff's default rules and format."""
    for command in (["check"], ["format", "--check"]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--quiet", str(folder)],
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
