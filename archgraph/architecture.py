"""The architectures by name: ours and those of every installed package that offers some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from inspect import signature
from typing import Any

from archgraph.errors import ArchGraphError, UnknownNameError
from archgraph.graph import ArchGraph
from archgraph.nearest import nearest
from archgraph.parts import reshaped
from archgraph.plugins import loaded, offers

__all__ = ["Architecture", "architecture", "architectures", "build"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """One named network: where its factory is, the options that make it, and one line about it.

    ``factory`` is ``"package.module:function"``, imported on first use; the function takes
    ``options`` and, where it can, ``input`` (channels, height, width) and returns an ArchGraph.
    """

    name: str
    factory: str
    summary: str
    options: Mapping[str, Any] = field(default_factory=dict)
    year: int | None = None


@cache
def architectures() -> dict[str, Architecture]:
    """Return every known architecture by name.

    A package adds its own with an entry point in the group ``archgraph.architectures`` whose
    value is a sequence of Architecture. A name that is taken stays with its first owner.
    """
    known: dict[str, Architecture] = {}
    for name in offers("architectures"):
        for each in loaded("architectures", name, f"the architectures of '{name}'"):
            known.setdefault(each.name, each)
    return known


def architecture(name: str) -> Architecture:
    """Return one architecture, or raise UnknownNameError naming the nearest right names."""
    known = architectures()
    if name not in known:
        raise UnknownNameError(
            f"there is no network named '{name}'{nearest(name, known)}; 'archgraph list' shows all."
        )
    return known[name]


def build(name: str, **options: Any) -> ArchGraph:
    """Build a named architecture; ``options`` go to its factory, over those of the preset."""
    chosen = architecture(name)
    module, _, function = chosen.factory.partition(":")
    factory = getattr(import_module(module), function)
    taken = signature(factory).parameters
    wrong = [option for option in options if option not in taken]
    if wrong:
        raise ArchGraphError(
            f"'{name}' does not take the option '{wrong[0]}'; it takes {', '.join(taken)}."
        )
    net: ArchGraph = factory(**{**chosen.options, **options})
    net.graph["name"] = name
    net.graph.setdefault("summary", chosen.summary)
    return net.made_by(lambda shape: _again(name, options, shape)) if "input" in taken else net


def _again(name: str, options: Mapping[str, Any], shape: Any) -> ArchGraph:
    """Return a named architecture for another input, which may be a whole shape by name."""
    if not isinstance(shape, Mapping):
        return build(name, **{**options, "input": tuple(shape)})
    net = build(name, **options)
    if [*shape] == net.sources and net.batched:
        first, *image = shape[net.sources[0]]
        if len(image) == len(net.input_shape) and all(isinstance(each, int) for each in image):
            net = build(name, **{**options, "input": tuple(image)})
            if first == "N":
                return net
    return reshaped(net, shape)
