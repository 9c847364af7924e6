"""load: a network from a gallery name, a file, or a module of another framework."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from archgraph.errors import FileError, FormatError
from archgraph.files import read_text
from archgraph.graph import ArchGraph
from archgraph.options import refuse_unknown

__all__ = ["load"]


def load(
    source: str | Path | ArchGraph, *, input: Sequence[int] | None = None, **options: Any
) -> ArchGraph:
    """Return the network that ``source`` names.

    ``source`` is a gallery name (``"resnet50"``), a graph file (``"net.json"``), an ONNX file of
    any origin (``"net.onnx"``), or one of these followed by a module or group of it
    (``"resnet50/layer1.0"``, ``"net.json/stem"``). ``input`` is the shape (channels, height,
    width) to build it for; further options go to the gallery's factory (``num_classes=10``).
    Loading never runs code from a file.

    Raises UnknownNameError, FileError, FormatError, GraphError, ShapeError or
    MissingDependencyError.
    """
    if isinstance(source, ArchGraph):
        refuse_unknown("a network that is built", options, ["input"])
        return source if input is None else source.with_input(input)
    text = str(source)
    head, part = _split(text)
    if head.endswith((".json", ".onnx")):
        refuse_unknown(f"'{head}'", options, ["input"])
    if head.endswith(".json"):
        net = _from_json(Path(head), input)
    elif head.endswith(".onnx"):
        from archgraph.importers.onnx import load_onnx
        from archgraph.optional import needing

        with needing(f"'{head}'", "onnx"):
            net = load_onnx(head, input=input)
    elif head.endswith((".graphml", ".pt", ".pth", ".dot")):
        raise FormatError(
            f"'{head}' cannot be read; archgraph reads gallery names, .json and .onnx files."
        )
    else:
        from archgraph.registry import build

        net = build(head, **options, **({} if input is None else {"input": tuple(input)}))
    return net.module(part) if part else net


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
