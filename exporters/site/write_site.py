"""Writes the site: for each network its files and its page, at the end the index."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from archgraph.architecture import architectures
from archgraph.errors import DrawError, FileError
from archgraph.exporting import chart, draw, export, export_onnx
from archgraph.files import write_text
from archgraph.graph import ArchGraph
from archgraph.loading import load
from archgraph.structure import structure
from archgraph.tables import cost_report, cost_table, render
from archgraph.tables.comparison import single_error
from archgraph.tables.cost_json import cost_json

from .index_page import index_page
from .network_page import network_page
from .page_contents import Download, Picture, Written

__all__ = ["Written", "write_site"]

CANVAS = "16:9"


def write_site(
    folder: str | Path,
    names: Sequence[str] | None = None,
    *,
    onnx: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Written:
    """Write the site into ``folder`` and return what was written.

    ``names`` are networks as ``load`` takes them; all known ones by default. With ``onnx`` each
    gets an ONNX file with seeded weights, checked in onnxruntime. ``say`` is told what comes next.
    Raises FileError when a folder cannot be made, and what drawing and exporting raise.
    """
    root = Path(folder)
    nets = [load(name) for name in (names or list(architectures()))]
    folders = [re.sub(r"[^\w.-]+", "-", net.name) for net in nets]
    files: dict[str, tuple[Path, ...]] = {}
    covers: list[Picture] = []
    for place, (net, name) in enumerate(zip(nets, folders, strict=True), 1):
        say(f"{net.name} ({place} of {len(nets)})")
        home = _made(root / name)
        pictures = _pictures(net, home, name)
        downloads = [*_drawings(net, home, name), *_tables(net, home, name)]
        downloads.append(_download(export(net, home / f"{name}.py"), "PyTorch source"))
        if onnx:
            written = export_onnx(net, home / f"{name}.onnx", check=["onnxruntime"])
            downloads.append(_download(written, "ONNX, checked in onnxruntime"))
        write_text(home / "index.html", network_page(net, pictures, downloads))
        shown = [home / file for each in pictures for file in (each.file, each.dark) if file]
        taken = [home / each.file for each in downloads]
        files[net.name] = tuple(dict.fromkeys([home / "index.html", *shown, *taken]))
        covers.append(pictures[0])
    compared = _compared(nets, root)
    index = write_text(root / "index.html", index_page(nets, folders, covers, compared))
    shared = () if compared is None else (root / compared.file, root / compared.dark)
    return Written(index, shared, files)


def _pictures(net: ArchGraph, home: Path, name: str) -> list[Picture]:
    """Draw what the page shows."""
    found = [_picture(net, home, name, "block by block")]
    with suppress(DrawError):  # branches that meet only at the end are no row of volumes
        caption = "what flows through it, as volumes"
        found.append(_picture(net, home, f"{name}-volumes", caption, style="volumes"))
    inside = branching_block(net)
    if inside is not None:
        caption = f"inside {structure(net).groups[inside].label}, layer by layer"
        part = net.module(inside)
        found.append(_picture(part, home, f"{name}-{inside}", caption, level="layer"))
    return found


def _picture(net: ArchGraph, home: Path, name: str, caption: str, **options: str) -> Picture:
    """Draw a picture for light and for dark pages."""
    light, dark = f"{name}.svg", f"{name}-dark.svg"
    draw(net, home / light, fit=CANVAS, theme="light", **options)
    draw(net, home / dark, fit=CANVAS, theme="dark", **options)
    return Picture(light, caption, dark)


def _compared(nets: Sequence[ArchGraph], root: Path) -> Picture | None:
    """Draw the networks' published accuracy against their costs, where any is published."""
    if not any(single_error(net) for net in nets):
        return None
    light, dark = "compared.svg", "compared-dark.svg"
    chart(nets, root / light, chart="accuracy", theme="light")
    chart(nets, root / dark, chart="accuracy", theme="dark")
    return Picture(light, "published accuracy against MACs", dark)


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


def _drawings(net: ArchGraph, home: Path, name: str) -> list[Download]:
    """Draw what people take away: slides, a print, a bitmap, and the picture to explore."""
    wanted: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("html", "Explore, interactive page", {"level": "block"}),
        ("pptx", "PowerPoint", {"level": "block", "fit": CANVAS}),
        ("pdf", "PDF, every layer", {"level": "layer", "fit": CANVAS}),
        ("png", "PNG", {"level": "block", "fit": CANVAS}),
        ("tex", "TikZ", {"level": "block", "fit": CANVAS}),
    )
    return [
        _download(draw(net, home / f"{name}.{form}", **options), label)
        for form, label, options in wanted
    ]


def _tables(net: ArchGraph, home: Path, name: str) -> list[Download]:
    report = cost_report(net)
    written = [
        (home / f"{name}.cost.json", cost_json(report), "Costs, JSON"),
        (home / f"{name}.cost.csv", render(cost_table(report, exact=True), "csv"), "Costs, CSV"),
        (home / f"{name}.cost.md", render(cost_table(report), "markdown"), "Costs, Markdown"),
        (home / f"{name}.cost.tex", render(cost_table(report), "latex"), "Costs, LaTeX"),
    ]
    found = [_download(write_text(path, text), label) for path, text, label in written]
    return [*found, _download(net.save(home / f"{name}.json"), "Graph, JSON")]


def _download(path: Path, label: str) -> Download:
    return Download(path.name, label, path.stat().st_size)


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the folder '{folder}': {error.strerror or error}.") from None
    return folder
