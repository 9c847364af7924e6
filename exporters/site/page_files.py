"""Makes what a network's page offers: its pictures, what people take away, its tables."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from archgraph.errors import DrawError
from archgraph.exporting import draw, export, export_onnx
from archgraph.files import write_text
from archgraph.files.file_names import FileNames
from archgraph.graph import ArchGraph
from archgraph.structure import structure
from archgraph.tables import cost_report, cost_table, render
from archgraph.tables.cost_json import cost_json

from .page_contents import Contents, Picture

__all__ = ["branching_block", "contents"]

CANVAS = "16:9"

DRAWINGS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("html", "Explore, interactive page", {"level": "block"}),
    ("pptx", "PowerPoint", {"level": "block", "fit": CANVAS}),
    ("pdf", "PDF, every layer", {"level": "layer", "fit": CANVAS}),
    ("png", "PNG", {"level": "block", "fit": CANVAS}),
    ("tex", "TikZ", {"level": "block", "fit": CANVAS}),
)
"""What people take away: the picture to explore, slides, a print, a bitmap, a figure."""

_MOST = 150
"""Blocks beyond which slides and figures show what fits on one page, as pictures usually do."""


def contents(net: ArchGraph, home: Path, name: str, *, onnx: bool) -> Contents:
    """Make in the folder ``home`` all that a page holds; what cannot be made it lacks."""
    page = Contents()
    _add_pictures(page, net, home, name)
    many = _blocks(net) > _MOST
    for suffix, label, options in DRAWINGS:
        if many and options["level"] == "block":
            options = {**options, "level": "auto"}
        page.download(label, partial(draw, net, home / f"{name}.{suffix}", **options))
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
    """Draw what the page shows."""
    with page.trying("the picture"):
        page.pictures.append(_picture(net, home, name, "block by block"))
    volumes = f"{name}-volumes"
    # Branches that meet only at the end are no row of volumes.
    with page.trying("the picture of volumes"), suppress(DrawError):
        caption = "what flows through it, as volumes"
        page.pictures.append(_picture(net, home, volumes, caption, style="volumes"))
    inside = branching_block(net)
    if inside is not None:
        label = structure(net).groups[inside].label
        with page.trying(f"the picture of {label}"):
            file = FileNames((f"{name}-dark", volumes)).of(f"{name}-{inside}")
            caption = f"inside {label}, layer by layer"
            page.pictures.append(_picture(net.module(inside), home, file, caption, level="layer"))


def _picture(net: ArchGraph, home: Path, name: str, caption: str, **options: str) -> Picture:
    """Draw a picture for light and for dark pages."""
    light, dark = f"{name}.svg", f"{name}-dark.svg"
    draw(net, home / light, fit=CANVAS, theme="light", **options)
    draw(net, home / dark, fit=CANVAS, theme="dark", **options)
    return Picture(light, caption, dark)


def _write_table(net: ArchGraph, path: Path, text: Callable[[ArchGraph], str]) -> Path:
    return write_text(path, text(net))


TABLES: tuple[tuple[str, str, Callable[[ArchGraph], str]], ...] = (
    ("cost.json", "Costs, JSON", lambda net: cost_json(cost_report(net))),
    ("cost.csv", "Costs, CSV", lambda n: render(cost_table(cost_report(n), exact=True), "csv")),
    ("cost.md", "Costs, Markdown", lambda n: render(cost_table(cost_report(n)), "markdown")),
    ("cost.tex", "Costs, LaTeX", lambda n: render(cost_table(cost_report(n)), "latex")),
)
