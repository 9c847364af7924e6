"""How each tool draws a network that nobody prepared, with no option but the canvas if it has one.

Each draws into an SVG file. Where a tool has several ways, the first that works counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch.utils._pytree import tree_map

import archgraph as ag
from archgraph.files import write_text
from bench.modules.entry import call_of

__all__ = ["OURS", "TOOLS", "Subject", "Tool", "Way"]

OURS = "archgraph"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is drawn: a module and what it is called with, or a graph where there is no module.

    ``weighed`` makes the module with weights, where it lies on the meta device.
    """

    name: str
    module: torch.nn.Module | None = None
    example: Any = None
    net: ag.ArchGraph | None = None
    weighed: Callable[[], torch.nn.Module] | None = None

    @property
    def graph(self) -> ag.ArchGraph:
        """Its graph; reading the module counts, as tracing it does with other tools."""
        if self.net is not None:
            return self.net
        net = ag.load(self.module, example=self.example)
        net.name = self.name
        return net

    def call(self, device: str) -> tuple[torch.nn.Module, Any]:
        """Return the module and its example on a device."""
        assert self.module is not None
        module = self.module
        on_meta = any(each.is_meta for each in module.parameters())
        if on_meta and device == "cpu":
            assert self.weighed is not None
            module = self.weighed().eval()
        elif device == "meta":
            module = module.to("meta")

        def moved(value: Any) -> Any:
            return value.to(device) if isinstance(value, torch.Tensor) else value

        return module, tree_map(moved, self.example)


Way = Callable[[Subject], Callable[[Path], object]]
"""Makes ready what counts for no tool, such as weights, and returns what draws into a file."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: the ways in which it draws, whether it needs a module, the package it comes in."""

    ways: Sequence[Way]
    of_modules: bool
    package: str

    @property
    def is_here(self) -> bool:
        """Whether it is installed."""
        return find_spec(self.package) is not None


def _archgraph(subject: Subject) -> Callable[[Path], object]:
    return lambda path: ag.draw(subject.graph, path)


def _dot(subject: Subject) -> Callable[[Path], object]:
    return lambda path: _laid_out(ag.to_graphviz(subject.graph, level="layer").source, path)


def _laid_out(source: str, path: Path) -> None:
    """Let Graphviz's dot lay out and write; it is inside pygraphviz."""
    from pygraphviz import AGraph

    AGraph(string=source).draw(str(path), format="svg", prog="dot")


def _torchview(device: str) -> Way:
    def ready(subject: Subject) -> Callable[[Path], object]:
        from torchview import draw_graph

        module, example = subject.call(device)
        args, kwargs = call_of(example)

        def draw(path: Path) -> None:
            drawn = draw_graph(module, input_data=kwargs or args, device=device)
            _laid_out(drawn.visual_graph.source, path)

        return draw

    return ready


def _tensorgami(device: str) -> Way:
    def ready(subject: Subject) -> Callable[[Path], object]:
        import tensorgami

        module, example = subject.call(device)

        def draw(path: Path) -> None:
            write_text(path, tensorgami.draw(module, example, fit="slide").to_svg())

        return draw

    return ready


TOOLS: Mapping[str, Tool] = {
    OURS: Tool((_archgraph,), False, "archgraph"),
    "tensorgami": Tool((_tensorgami("meta"), _tensorgami("cpu")), True, "tensorgami"),
    "torchview": Tool((_torchview("meta"), _torchview("cpu")), True, "torchview"),
    "dot, every operator": Tool((_dot,), False, "pygraphviz"),
}
"""tensorgami is asked for a slide, which it can draw; the others draw as they do unasked."""
