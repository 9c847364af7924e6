"""load: a network from a gallery name, a file, or a module of another framework."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.architecture import build
from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.options import refuse_unknown
from archgraph.plugins import function, offers

if TYPE_CHECKING:
    import torch

__all__ = ["load"]

UNREAD = ("graphml", "pt", "pth", "dot")
"""Suffixes of files that people try, and that hold no network that can be read."""


def load(
    source: str | Path | ArchGraph | torch.nn.Module,
    *,
    input: Sequence[int] | None = None,
    **options: Any,
) -> ArchGraph:
    """Return the network that ``source`` names.

    ``source`` is a gallery name (``"resnet50"``), a graph file (``"net.json"``), an ONNX file of
    any origin (``"net.onnx"``), or one of these followed by a module or group of it
    (``"resnet50/layer1.0"``, ``"net.json/stem"``). ``input`` is the shape (channels, height,
    width) to build it for; further options go to the gallery's factory (``num_classes=10``).
    Loading never runs code from a file.

    ``source`` may also be a module of PyTorch, which is read as it runs on shapes alone: with
    ``input=(3, 224, 224)``, its one input without the batch, or ``example=`` what it is called
    with (a tensor, a tuple of positional arguments, a dict of keywords, or (args, kwargs)).
    ``batch=`` says which axis of the example's tensors is the batch (0), ``training=True`` reads
    it as it trains, and ``name=`` is what the network is called, instead of its class.

    What a module or another program's ONNX file writes out in parts, such as GELU by its erf, is
    read as the operator that people mean; ``recognise=False`` leaves it in parts.

    Raises UnknownNameError, FileError, FormatError, GraphError, ShapeError or
    MissingDependencyError.
    """
    if isinstance(source, ArchGraph):
        refuse_unknown("a network that is built", options, ["input"])
        return source if input is None else source.with_input(input)
    if _is_module(source):
        module: ArchGraph = function("importers", "torch", "a module of PyTorch")(
            source, input=input, **options
        )
        return module
    head, part = _split(str(source))
    suffix = Path(head).suffix[1:]
    if suffix in offers("importers"):
        net: ArchGraph = function("importers", suffix, f"'{head}'")(
            Path(head), input=input, **options
        )
    elif suffix in UNREAD or _is_file(head):
        *first, last = [f".{name}" for name in offers("importers") if name != "torch"]
        raise FormatError(
            f"'{head}' cannot be read; archgraph reads gallery names, and "
            f"{', '.join(first)} and {last} files."
        )
    else:
        net = build(head, **options, **({} if input is None else {"input": tuple(input)}))
    return net.module(part) if part else net


def _is_module(source: object) -> bool:
    """Return whether a source is a module of PyTorch, which nobody has who did not import that."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    exported = sys.modules.get("torch.export")
    kinds = (torch.nn.Module, *(() if exported is None else (exported.ExportedProgram,)))
    return isinstance(source, kinds)


def _split(text: str) -> tuple[str, str]:
    """Split ``net/module`` at the last slash, unless the slash belongs to a file's path."""
    suffixes = tuple(f".{name}" for name in offers("importers"))
    if text.endswith(suffixes) or _is_file(text):
        return text, ""
    for suffix in suffixes:
        if f"{suffix}/" in text:
            head, _, part = text.rpartition(f"{suffix}/")
            return f"{head}{suffix}", part
    head, _, part = text.partition("/")
    return head, part


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # such as a name that is too long for the system
        return False
