"""What a file format is given and what it is: pages of a picture, and a writer of their bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.metrics import Number
from archgraph.options import Declared, written

from .captions import title_of
from .choices import OF_FILES
from .drawing import Drawing
from .view import View

__all__ = ["Bar", "Page", "Series", "Takes", "Writer", "bytes_of"]

Takes = Literal["page", "pages", "cut", "view", "levels"]
"""What a format holds: one page, several, what one page shows or a whole level without places, or
every level of a network."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what is called so, which kind of layer it is, and its figure in each metric."""

    label: str
    kind: str
    values: dict[str, Number | None]


@dataclass(frozen=True, slots=True)
class Series:
    """A network's bars, and at which level they were taken."""

    net: ArchGraph
    level: str
    bars: tuple[Bar, ...]

    @property
    def title(self) -> str:
        """The network's title for people."""
        return title_of(self.net)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a picture, and what stands behind it.

    ``drawing`` is all that there is to see. ``view`` is the graph that it shows, its words and its
    roles (None for a chart), ``series`` are the bars of a chart. ``data`` are plain values, as JSON
    has them, of the pages for a writer of levels.

    A writer that takes a view gets one page whose drawing has a title and is empty: nothing was
    laid out.
    """

    drawing: Drawing
    view: View | None = None
    series: tuple[Series, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Writer:
    """A format of pictures: a pure function from pages to the bytes of a file.

    A package offers one with an entry point of the group ``archgraph.writers``, named as the
    file's suffix without the dot. ``takes`` says what ``write`` is given:

    - "page": exactly one page, of the finest level that fits on it,
    - "pages": one page or several,
    - "cut": exactly one page, of whose view the format makes its own picture: of the level that is
      asked for, else of what fits on a page,
    - "view": exactly one page with a view and nothing drawn, for formats that lay out themselves,
    - "levels": a page for every level of one network, and for each box that can be opened.

    ``options`` names the choices that ``write`` takes besides, as keywords; ``heeds`` those that
    the drawings themselves bring, such as a template for slides.
    """

    write: Callable[..., bytes]
    takes: Takes = "page"
    options: tuple[str, ...] = ()
    heeds: tuple[str, ...] = ()


def bytes_of(writer: Writer, pages: Sequence[Page], choices: Declared, suffix: str) -> bytes:
    """Return the bytes of a file; DrawError for a choice that only files of others have."""
    for name, suffixes in OF_FILES.items():
        if name not in (*writer.options, *writer.heeds) and getattr(choices, name, False):
            raise DrawError(
                f"a .{suffix} file has no {written(name)}; that is for "
                f"{' and '.join(f'.{each}' for each in suffixes)} files."
            )
    return writer.write(pages, **{name: getattr(choices, name) for name in writer.options})
