"""load: a network from a gallery name, a file, or a module of another framework."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.errors import FileError, FormatError
from archgraph.files import read_text
from archgraph.graph import ArchGraph
from archgraph.options import refuse_unknown

if TYPE_CHECKING:
    import torch

__all__ = ["load"]

IMPORTERS = "archgraph.importers"
"""The group of entry points whose functions read what others made, each named after what that is.

``torch`` reads modules of PyTorch.
"""


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
        known = ["input", "example", "batch", "training", "name", "recognise"]
        refuse_unknown("a module of PyTorch", options, known)
        module: ArchGraph = _importer("torch")(source, input=input, **options)
        return module
    text = str(source)
    head, part = _split(text)
    if head.endswith((".json", ".onnx")):
        known = ["input", "recognise"] if head.endswith(".onnx") else ["input"]
        refuse_unknown(f"'{head}'", options, known)
    if head.endswith(".json"):
        net = _from_json(Path(head), input)
    elif head.endswith(".onnx"):
        from archgraph.importers.onnx import load_onnx
        from archgraph.optional import needing

        with needing(f"'{head}'", "onnx"):
            net = load_onnx(head, input=input, **options)
    elif head.endswith((".graphml", ".pt", ".pth", ".dot")):
        raise FormatError(
            f"'{head}' cannot be read; archgraph reads gallery names, .json and .onnx files."
        )
    else:
        from archgraph.registry import build

        net = build(head, **options, **({} if input is None else {"input": tuple(input)}))
    return net.module(part) if part else net


def _is_module(source: object) -> bool:
    """Return whether a source is a module of PyTorch, which nobody has who did not import that."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(source, torch.nn.Module)


def _importer(name: str) -> Callable[..., Any]:
    from archgraph.registry import entry_points_of

    for point in entry_points_of(IMPORTERS):
        if point.name == name:
            found: Callable[..., Any] = point.load()
            return found
    raise FormatError(f"no installed package reads modules of {name}; install archgraph whole.")


def _split(text: str) -> tuple[str, str]:
    """Split ``net/module`` at the last slash, unless the slash belongs to a file's path."""
    try:
        is_file = Path(text).is_file()
    except OSError:  # such as a name that is too long for the system
        is_file = False
    if text.endswith((".json", ".onnx")) or is_file:
        return text, ""
    for suffix in (".json", ".onnx"):
        if f"{suffix}/" in text:
            head, _, part = text.rpartition(f"{suffix}/")
            return f"{head}{suffix}", part
    head, _, part = text.partition("/")
    return head, part


def _from_json(path: Path, input: Sequence[int] | None) -> ArchGraph:
    from archgraph.json_format import loads

    if not path.exists():
        raise FileError(f"there is no file '{path}'.")
    net = loads(read_text(path), origin=f"'{path}'")
    return net if input is None else net.with_input(input)
