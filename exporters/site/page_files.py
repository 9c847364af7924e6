"""Makes what a network's page offers: its pictures, what people take away, its tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from archgraph.exporting import draw, export, export_onnx
from archgraph.files import write_text
from archgraph.files.file_names import FileNames
from archgraph.graph import ArchGraph
from archgraph.structure import structure
from archgraph.tables import cost_report, cost_table, render
from archgraph.tables.cost_json import cost_json

from .figure_files import CANVAS, FORMATS, figure_names, picture_and_files
from .page_contents import Contents

__all__ = ["EXPLORE", "branching_block", "contents"]

EXPLORE = "Explore: an interactive page"
_MOST = 150
"""Blocks beyond which the page to explore begins with what fits, as pictures usually do."""


def contents(net: ArchGraph, home: Path, name: str, *, onnx: bool) -> Contents:
    """Make in the folder ``home`` all that a page holds; what cannot be made it lacks."""
    page = Contents()
    _add_pictures(page, net, home, name)
    level = "auto" if _blocks(net) > _MOST else "block"
    page.download(EXPLORE, partial(draw, net, home / f"{name}.html", level=level))
    layers = home / f"{name}-layers.pdf"
    page.download("PDF, every layer", partial(draw, net, layers, level="layer", fit=CANVAS))
    for suffix, label, text in TABLES:
        page.download(label, partial(_write_table, net, home / f"{name}.{suffix}", text))
    page.download("Graph, JSON", lambda: net.save(home / f"{name}.json"))
    page.download("PyTorch source", lambda: export(net, home / f"{name}.py"))
    if onnx:
        check = ["onnxruntime"]
        make = partial(export_onnx, net, home / f"{name}.onnx", check=check)
        page.download("ONNX, checked in onnxruntime", make)
    return page


def _blocks(net: ArchGraph) -> int:
    """Return how many blocks there are, each operator outside of them counted as one."""
    group = structure(net).cuts["block"].group
    return len({group.get(name) or name for name in net})


def branching_block(net: ArchGraph) -> str | None:
    """Return the first block in which the data takes several ways, such as an Inception module."""
    cut = structure(net).cuts["block"]
    for name, data in net.nodes(data=True):
        block = cut.group.get(name)
        if (
            block is not None
            and net.in_degree(name) > 1
            and not data.get("training_only")
            and data["device"] is None
            and len(cut.own[block]) > 3
        ):
            return block
    return None


def _add_pictures(page: Contents, net: ArchGraph, home: Path, name: str) -> None:
    """Draw what the page shows, in every format."""
    make: Any = partial(draw, net)
    picture_and_files(page, "the picture", "boxes and arrows", home, name, make, FORMATS)
    volumes = f"{name}-volumes"
    caption, make = "what flows through it, as volumes", partial(draw, net, style="volumes")
    # Branches that meet only at the end are no row of volumes.
    picture_and_files(page, "the volumes", caption, home, volumes, make, quiet=True)
    inside = branching_block(net)
    if inside is not None:
        label = structure(net).groups[inside].label
        taken = (*figure_names(name), *figure_names(volumes), f"{name}-layers")
        file = FileNames(taken).of(f"{name}-{inside}")
        caption = f"inside {label}, layer by layer"
        make = partial(draw, net.module(inside), level="layer")
        picture_and_files(page, f"the inside of {label}", caption, home, file, make)


def _write_table(net: ArchGraph, path: Path, text: Callable[[ArchGraph], str]) -> Path:
    return write_text(path, text(net))


TABLES: tuple[tuple[str, str, Callable[[ArchGraph], str]], ...] = (
    ("cost.csv", "Costs, CSV", lambda n: render(cost_table(cost_report(n), exact=True), "csv")),
    ("cost.tex", "Costs, LaTeX", lambda n: render(cost_table(cost_report(n)), "latex")),
    ("cost.md", "Costs, Markdown", lambda n: render(cost_table(cost_report(n)), "markdown")),
    ("cost.json", "Costs, JSON", lambda net: cost_json(cost_report(net))),
)
