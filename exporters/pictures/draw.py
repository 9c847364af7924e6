"""draw: networks into a picture file, in whatever format a writer is installed for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.errors import DrawError
from archgraph.files import write_bytes
from archgraph.graph import ArchGraph
from archgraph.options import written
from archgraph.plugins import loaded, offers
from archgraph.structure import steady

from .choices import Choices
from .drawing import Drawing
from .pages import Page, Takes, Writer, bytes_of
from .single import view_alone
from .view import refuse_unmatched

if TYPE_CHECKING:
    import graphviz

__all__ = ["draw", "drawings", "to_graphviz", "writer_of"]


def draw(net: ArchGraph | Sequence[ArchGraph], path: str | Path, **options: Any) -> Path:
    """Draw networks into a file whose suffix says the format; return the path.

    ``options`` are the fields of ``Choices``. Text is never smaller than 9 pt for labels and 7 pt
    for the rest: where a level does not fit, formats with pages get as many as it takes, and a
    single picture shows the next coarser level and says so. Raises DrawError, or UnknownNameError
    for an option that there is not.
    """
    nets, choices = _chosen(net, options)
    suffix = Path(path).suffix.lstrip(".").lower()
    writer = writer_of(suffix)
    with choices.worn():
        made = _pages(nets, choices, writer.takes, suffix)
        return write_bytes(path, bytes_of(writer, made, choices, suffix))


def drawings(
    net: ArchGraph | Sequence[ArchGraph], *, pages: bool = True, **options: Any
) -> list[Drawing]:
    """Return what is drawn on each page; with ``pages`` false exactly one, of a level that fits."""
    nets, choices = _chosen(net, options)
    with choices.worn():
        made = _pages(nets, choices, "pages" if pages else "page")
    return [page.drawing for page in made]


def to_graphviz(
    net: ArchGraph,
    *,
    level: str | None = None,
    open: str | Sequence[str] | None = None,
    facts: str | Sequence[str] | None = None,
    set: str | Sequence[str] | Mapping[str, Any] | None = None,
) -> graphviz.Digraph:
    """Return what ``draw`` shows as a ``graphviz.Digraph``; the options are those of ``draw``."""
    from .writers.dot import digraph

    choices = Choices.of({"level": level, "open": open, "facts": facts, "set": set})
    pages = view_alone([net], choices.settled([net], named=True))
    refuse_unmatched(choices.set, [page.view for page in pages if page.view is not None])
    return digraph(*pages)


def writer_of(suffix: str) -> Writer:
    """Return the writer that is installed for a suffix."""
    if suffix not in offers("writers"):
        raise DrawError(f"pictures cannot be written as '.{suffix}'; use .svg, .pdf, .png, .pptx.")
    found: Writer = loaded("writers", suffix, f"a .{suffix} file")
    return found


def _chosen(
    net: ArchGraph | Sequence[ArchGraph], options: dict[str, Any]
) -> tuple[list[ArchGraph], Choices]:
    nets = [net] if isinstance(net, ArchGraph) else list(net)
    if not nets:
        raise DrawError("a picture needs at least one network.")
    return nets, Choices.of(options)


_MAKERS: dict[tuple[str, bool, Takes], str] = {
    ("layout", False, "page"): ".single:one_page",
    ("layout", False, "pages"): ".single:pages",
    ("layout", False, "cut"): ".single:cut_page",
    ("layout", False, "view"): ".single:view_alone",
    ("layout", False, "levels"): ".explore:level_pages",
    ("layout", True, "page"): ".together:page_together",
    ("layout", True, "pages"): ".together:page_together",
    ("volumes", False, "page"): ".volumes:volumes_page",
    ("volumes", False, "pages"): ".volumes:volumes_page",
    ("receptive", False, "page"): ".receptive:receptive_page",
    ("receptive", False, "pages"): ".receptive:receptive_page",
    ("receptive", True, "page"): ".receptive:receptive_page",
    ("receptive", True, "pages"): ".receptive:receptive_page",
}
"""What makes the pages, by style, whether there are several networks, and what the format takes.

Each takes the networks and the choices. What is not here cannot go together.
"""

_DIFFERENCES: dict[Takes, str] = {
    "page": ".together:difference_page",
    "pages": ".together:difference_pages",
    "view": ".together:difference_view",
}
"""What makes the pages of a difference, by what the format takes."""

_OPENS = {("layout", False)}
"""Where a box can be shown from the inside, in its place."""


def _pages(
    nets: Sequence[ArchGraph], choices: Choices, takes: Takes, suffix: str = ""
) -> list[Page]:
    """Return the pages of a picture; DrawError says what cannot go together."""
    several, style = len(nets) > 1, choices.style
    if choices.steps is not None and (takes == "pages" or suffix):
        return _stepped(nets, choices, takes, suffix)
    if choices.difference:
        return _difference(nets, choices, takes, suffix)
    maker = _MAKERS.get((style, several, takes))
    if choices.open and (style, several) not in _OPENS:
        what = style if style != "layout" else "several networks"
        raise DrawError(f"'{', '.join(choices.open)}' cannot be opened in a picture of {what}.")
    if maker is None and style != "layout":
        what = "several networks" if several else f"a .{suffix} file"
        raise DrawError(f"{what} cannot show {style}; use {written('style', 'layout')}.")
    if maker is None:
        raise DrawError(f"a .{suffix} file shows one network; use .svg, .pdf, .png or .pptx.")
    searches = takes != "view" and style != "volumes"
    settled = choices.settled(nets, named=not searches)
    return _made(maker, nets, settled)


def _stepped(nets: Sequence[ArchGraph], choices: Choices, takes: Takes, suffix: str) -> list[Page]:
    """Return the pages of a network step by step."""
    what = "a difference" if choices.difference else "several networks" if len(nets) > 1 else ""
    what = what or ("" if choices.style == "layout" else f"a picture of {choices.style}")
    if takes != "pages":
        raise DrawError(f"a .{suffix} file is one picture, not one a step; use .pptx or .pdf.")
    if what:
        raise DrawError(f"{what} cannot be built up step by step; draw one network's boxes.")
    zooms = choices.steps == "zoom"
    settled = choices if zooms else choices.settled(nets, named=False)
    return _made(".building_up:stepped_pages", nets, settled)


def _difference(
    nets: Sequence[ArchGraph], choices: Choices, takes: Takes, suffix: str
) -> list[Page]:
    """Return the pages of the difference of two networks."""
    maker = _DIFFERENCES.get(takes)
    if maker is None or choices.style != "layout":
        what = f"a .{suffix} file" if maker is None else f"a picture of {choices.style}"
        raise DrawError(f"{what} shows no difference; use .svg, .pdf, .png or .pptx.")
    return _made(maker, nets, choices.settled(nets, named=takes == "view"))


def _made(maker: str, nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return the pages that a maker makes; what is set of boxes must have found some."""
    module, _, name = maker.partition(":")
    with steady(nets):
        made: list[Page] = getattr(import_module(module, __package__), name)(nets, choices)
    # A look is for many networks: what it sets of boxes need not be in each.
    asked = choices.set[len(choices.look.set) :]
    refuse_unmatched(asked, [page.view for page in made if page.view is not None])
    return made
