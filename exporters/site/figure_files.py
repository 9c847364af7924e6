"""One picture in every format that people take away, in the looks that suit the format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from archgraph.errors import DrawError
from archgraph.exporting import formats

from .page_contents import Contents, Picture

__all__ = ["CANVAS", "FORMATS", "LOOKS", "figure_names", "picture_and_files"]

CANVAS = "16:9"


@dataclass(frozen=True, slots=True)
class Look:
    """A way to draw a picture: what people call it, what its files' names end in, its options."""

    words: str
    suffix: str
    options: Mapping[str, Any]


LIGHT = Look("slide", "", {"fit": CANVAS, "theme": "light"})
DARK = Look("dark slide", "-dark", {"fit": CANVAS, "theme": "dark"})
GREY = Look("slide in grey", "-print", {"fit": CANVAS, "theme": "print"})
COLUMN = Look("paper column", "-column", {"fit": "column", "theme": "light"})
GREY_COLUMN = Look("column in grey", "-column-print", {"fit": "column", "theme": "print"})
LOOKS = (LIGHT, DARK, GREY, COLUMN, GREY_COLUMN)
"""The looks in the order in which pages list them."""

SLIDES = (LIGHT, DARK, GREY)
FORMATS: dict[str, tuple[str, tuple[Look, ...]]] = {
    "svg": ("SVG", LOOKS),
    "pdf": ("PDF", LOOKS),
    "png": ("PNG", SLIDES[:2]),
    "pptx": ("PowerPoint", SLIDES),
    "tex": ("TikZ", LOOKS),
    "drawio": ("draw.io", SLIDES[:2]),
    "mmd": ("Mermaid", (LIGHT,)),
    "dot": ("Graphviz DOT", (LIGHT,)),
}
"""Formats by suffix: what people call them, and in which looks they are of use.

A bitmap for a paper is no use beside a PDF; Mermaid and DOT are laid out and coloured by others.
"""

USUAL: dict[str, tuple[str, tuple[Look, ...]]] = {
    "svg": ("SVG", SLIDES[:2]),
    "pdf": ("PDF", (LIGHT,)),
    "png": ("PNG", (LIGHT,)),
    "pptx": ("PowerPoint", (LIGHT,)),
}
"""What there is of any other picture; all of everything would take minutes and 200 MB."""


def figure_names(name: str) -> Iterator[str]:
    """Yield what the files of a picture may be called, without suffixes."""
    return (name + look.suffix for look in LOOKS)


def picture_and_files(
    page: Contents,
    figure: str,
    caption: str,
    home: Path,
    name: str,
    make: Callable[..., Path],
    offered: Mapping[str, tuple[str, tuple[Look, ...]]] = USUAL,
    *,
    quiet: bool = False,
) -> Picture | None:
    """Draw a picture for light and dark pages, and in all formats and looks that are ``offered``.

    ``make`` draws into a path with options of ``draw``. Returns None where it cannot be drawn,
    which the page says unless ``quiet``.
    """
    shown = None
    with page.trying(figure), suppress(DrawError) if quiet else nullcontext():
        files = []
        for look in (LIGHT, DARK):
            path = make(home / f"{name}{look.suffix}.svg", **look.options)
            files.append(path.name)
        shown = Picture(files[0], caption, files[1])
        page.pictures.append(shown)
    if shown is None:
        return None
    there = formats("writers")
    for suffix, (label, looks) in offered.items():
        for look in looks if suffix in there else ():
            path = home / f"{name}{look.suffix}.{suffix}"
            ready = suffix == "svg" and look in (LIGHT, DARK)
            drawn = partial(_same, path) if ready else partial(make, path, **look.options)
            page.download(label, drawn, figure=figure, look=look.words)
    return shown


def _same(path: Path) -> Path:
    """Return a file that is there already."""
    return path
