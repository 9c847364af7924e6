"""load: a network from a gallery name, a file, a factory, or a module of another framework."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.architecture import architectures, build
from archgraph.errors import FileError, FormatError
from archgraph.factories import factory_in, made_by
from archgraph.graph import ArchGraph
from archgraph.nearest import nearest
from archgraph.options import refuse_unknown, written
from archgraph.plugins import function, offers
from archgraph.written_inputs import parse_input

if TYPE_CHECKING:
    import torch

__all__ = ["READING", "Input", "as_held", "load", "network_of", "networks_of"]

Input = str | Sequence[int] | Sequence[str] | Mapping[str, Sequence[int | str]] | None
"""A shape without the batch, or whole shapes by the inputs' names, with "N" for the batch.

Either may be text as on the command line: "3x224x224", ["x:Nx3x48x320", "mask:Nx320"].
"""

READING = ("input", "example", "training", "recognise", "partial", "arg")
"""What says how a network is read, in every function that takes one."""

UNREAD = ("graphml", "pt", "pth", "dot")
"""Suffixes of files that people try, and that hold no network that can be read."""


def load(
    source: str | Path | ArchGraph | torch.nn.Module | torch.export.ExportedProgram,
    *,
    input: Input = None,
    recognise: bool = True,
    arg: Mapping[str, Any] | None = None,
    **options: Any,
) -> ArchGraph:
    """Return the network that ``source`` is or names.

    ``source`` is a gallery name (``"resnet50"``), a graph file (``"net.json"``), an ONNX file of
    any origin (``"net.onnx"``), a factory of your own (``"package.module:factory"`` or
    ``"file.py:factory"``), or one of these followed by a module or group of it
    (``"resnet50/layer1.0"``, ``"net.json/stem"``). ``input`` is the shape (channels, height,
    width) to build it for, or whole shapes by the inputs' names with "N" for the batch
    (``{"tokens": ("N", 128)}``), either also as text (``"3x64x64"``); further options go to the
    gallery's factory (``num_classes=10``). Loading never runs code from a file; a factory is
    called, with ``arg``, and returns a module, (module, example), or a network.

    ``source`` may also be a module of PyTorch, which is read as it runs on shapes alone: with
    ``input=(3, 224, 224)``, its one input without the batch, or ``example=`` what it is called
    with (a tensor, a tuple of positional arguments, a dict of keywords, or (args, kwargs)).
    ``batch=`` says which axis of the example's tensors is the batch (0), ``training=True`` reads
    it as it trains, ``name=`` is what the network is called, instead of its class, and
    ``partial=True`` gives what was read of a module that cannot be read to its end. An
    ExportedProgram knows what it is called with.

    What a module or another program's ONNX file writes out in parts, such as GELU by its erf, is
    read as the operator that people mean; ``recognise=False`` leaves it in parts.

    Raises UnknownNameError, FileError, FormatError, GraphError, ShapeError or
    MissingDependencyError.
    """
    reading: dict[str, Any] = {} if recognise else {"recognise": False}
    shapes = _shapes(input)
    if isinstance(source, ArchGraph):
        refuse_unknown("a network that is built", options, ["input"])
        return source if shapes is None else source.with_input(shapes)
    if _is_module(source):
        _no_arg(arg, "a module")
        module: ArchGraph = function("importers", "torch", "a module of PyTorch")(
            source, input=shapes, **reading, **options
        )
        return module
    if not isinstance(source, (str, Path)):
        raise FormatError(
            f"a {type(source).__name__} is no network; give a gallery name, a file's path, a "
            "module of PyTorch or an ArchGraph."
        )
    # A part stands behind a slash, also where the system's paths have another sign.
    text = source.as_posix() if isinstance(source, Path) else source
    own = None if _is_file(text) else factory_in(text)
    if own is not None:
        home, name, part = own
        made = made_by(home, name, arg or {})
        net = _from_factory(f"{home}:{name}", made, shapes, reading | options)
        return net.module(part) if part else net
    _no_arg(arg, f"'{text}'")
    head, part = _split(text)
    suffix = Path(head).suffix[1:].lower()
    if suffix in offers("importers"):
        reader = function("importers", suffix, f"'{head}'")
        if "recognise" not in signature(reader).parameters:
            reading = {}
        net = reader(Path(head), input=shapes, **reading, **options)
    elif suffix in UNREAD or _is_file(head):
        *first, last = [f".{name}" for name in offers("importers") if name != "torch"]
        tail = ", or a factory in a Python file: 'file.py:factory'" if suffix == "py" else ""
        raise FormatError(
            f"'{head}' cannot be read; archgraph reads gallery names, and "
            f"{', '.join(first)} and {last} files{tail}."
        )
    elif re.search(r"[/\\]", text) and not nearest(head, architectures()):
        raise FileError(
            f"there is no file '{text}', and no network of that name; 'archgraph list' shows all."
        )
    elif isinstance(shapes, Mapping):
        net = build(head, **options).with_input(shapes)
    else:
        net = build(head, **options, **({} if shapes is None else {"input": tuple(shapes)}))
    return net.module(part) if part else net


def as_held(source: object, *, training: bool) -> dict[str, bool]:
    """Return how what a question of memory is about is read, where it is a module or a factory.

    What a module writes out in parts holds other tensors than one call: an attention its scores,
    for example. Read as it trains, it has its dropouts.
    """
    text = str(source) if isinstance(source, (str, Path)) else ""
    if not _is_module(source) and (not text or _is_file(text) or factory_in(text) is None):
        return {}
    return {"recognise": False, "training": True} if training else {"recognise": False}


def network_of(source: Any, options: dict[str, Any]) -> ArchGraph:
    """Return the network that a function was given, and take out what says how it is read."""
    reading = {name: options.pop(name) for name in READING if name in options}
    return source if isinstance(source, ArchGraph) and not reading else load(source, **reading)


def networks_of(
    sources: Any, options: dict[str, Any], *, training: bool | None = None
) -> list[ArchGraph]:
    """Return one network or several, and take out what says how they are read.

    Where memory is asked about, ``training`` says of what; see ``as_held``.
    """
    several = isinstance(sources, Sequence) and not isinstance(sources, str)
    reading = {name: options.pop(name) for name in READING if name in options}
    found = []
    for each in sources if several else [sources]:
        held = {} if training is None else as_held(each, training=training)
        found.append(network_of(each, held | reading))
    return found


def _shapes(given: Input) -> Any:
    """Return an input as shapes, also where it is text."""
    if isinstance(given, str):
        return parse_input([given])
    if isinstance(given, (list, tuple)) and any(isinstance(each, str) for each in given):
        return parse_input([str(each) for each in given])
    return given


def _no_arg(arg: object, what: str) -> None:
    if arg:
        raise FormatError(f"{what} takes no {written('arg')}: only a factory is called.")


def _from_factory(text: str, made: object, input: Input, options: dict[str, Any]) -> ArchGraph:
    """Return the network that a factory made: a module, (module, example), or one that is built."""
    if isinstance(made, tuple) and len(made) == 2 and _is_module(made[0]):
        made, example = made
        if input is None or isinstance(input, Mapping):
            options = {"example": example, **options}
    if _is_module(made) or isinstance(made, ArchGraph):
        options.setdefault("name", text.rpartition(":")[2].rpartition(".")[2])
        if isinstance(made, ArchGraph):
            options = {}
        return load(made, input=input, **options)  # type: ignore[arg-type]
    raise FormatError(
        f"'{text}' returned {made!r:.60}; it must return a module of PyTorch, "
        "(module, example) with what the module is called with, or an ArchGraph."
    )


def _is_module(source: object) -> bool:
    """Return whether a source is a module of PyTorch, which nobody has who did not import that."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    exported = sys.modules.get("torch.export")
    kinds = (torch.nn.Module, *(() if exported is None else (exported.ExportedProgram,)))
    return isinstance(source, kinds)


def _split(text: str) -> tuple[str, str]:
    """Split ``net/module`` behind the file, else at the first slash."""
    if _is_file(text):
        return text, ""
    suffix = rf"\.({'|'.join(map(re.escape, offers('importers')))})"
    places = [each.end() for each in re.finditer(rf"{suffix}(?=[/\\])", text, re.I)]
    file = next((end for end in places if _is_file(text[:end])), None)
    if file is None and re.search(rf"{suffix}$", text, re.I):
        return text, ""
    if file is None and places:
        file = places[0]
    if file is not None:
        return text[:file], text[file + 1 :]
    head, _, part = text.partition("/")
    return head, part


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except OSError:  # such as a name that is too long for the system
        return False
