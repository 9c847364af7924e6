"""Writes the site: for each network its files and its page, at the end the index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from archgraph.architecture import architectures
from archgraph.errors import FileError
from archgraph.exporting import chart
from archgraph.files import write_text
from archgraph.files.file_names import FileNames
from archgraph.graph import ArchGraph
from archgraph.loading import load
from archgraph.tables.comparison import single_error

from .index_page import index_page
from .network_page import network_page
from .page_contents import Contents, Picture, Written
from .page_files import contents

__all__ = ["Written", "write_site"]

COMPARED = ("compared.svg", "compared-dark.svg")
"""A chart of all networks, for light and dark pages."""


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
    Each network has a folder of its own, named after it, and a page; a file that cannot be made of
    one, its page says it lacks. Raises what ``load`` raises, before anything is written, and
    FileError when something cannot be written, after all that can be.
    """
    root = Path(folder)
    nets = [load(name) for name in (names or list(architectures()))]
    given = FileNames(("index", "index.html", *COMPARED))
    folders = [given.of(net.name) for net in nets]
    pages: list[Contents] = []
    for place, (net, name) in enumerate(zip(nets, folders, strict=True), 1):
        say(f"{net.name} ({place} of {len(nets)})")
        home = _made(root / name)
        page = contents(net, home, name, onnx=onnx)
        write_text(home / "index.html", network_page(net, page))
        pages.append(page)
    front = Contents()
    with front.trying("the chart"):
        front.pictures += _compared(nets, root)
    covers = [page.pictures[0] if page.pictures else None for page in pages]
    index = write_text(root / "index.html", index_page(nets, folders, covers, front))
    for page in (*pages, front):
        if page.unwritten is not None:
            raise page.unwritten
    return Written(
        index,
        tuple(root / file for file in front.files()),
        {
            name: tuple(root / name / file for file in ("index.html", *page.files()))
            for name, page in zip(folders, pages, strict=True)
        },
        {name: page.lacking for name, page in zip(folders, pages, strict=True)},
    )


def _compared(nets: Sequence[ArchGraph], root: Path) -> list[Picture]:
    """Draw the networks' published accuracy against their costs, where any is published."""
    if not any(single_error(net) for net in nets):
        return []
    light, dark = COMPARED
    chart(nets, root / light, chart="accuracy", theme="light")
    chart(nets, root / dark, chart="accuracy", theme="dark")
    return [Picture(light, "published accuracy against MACs", dark)]


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the folder '{folder}': {error.strerror or error}.") from None
    return folder
