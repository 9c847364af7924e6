"""One network as boxes and arrows: its pages, at the finest level that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archgraph.errors import ArchGraphError, DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written

from .best_cut import best_cut
from .captions import notes_of, subtitle_of, title_of
from .choices import Choices
from .compose import compose
from .drawing import Drawing
from .layout.box_text import ROOMS, narrowed
from .layout.lanes import has_lanes
from .layout.readable import MOST
from .layout.scene import Scene, Space
from .layout.steps import BOTH, in_layers, in_map_rows, lay_out
from .levels import finest
from .look.colour import colouring
from .pages import Page
from .sheet import Sheet
from .view import LEVELS, View, build_view

__all__ = ["laid_out", "natural", "one_page", "pages", "view_alone"]

NATURAL = ((1100.0, 620.0), (2200.0, 1240.0))
"""How large a chain may be before it is parted into lines, in points."""


def one_page(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return exactly one page of a network, of the finest level that fits on it."""
    return pages(nets, choices, several=False)


def pages(nets: Sequence[ArchGraph], choices: Choices, *, several: bool = True) -> list[Page]:
    """Return the pages of a network.

    Where a level does not fit, the next coarser one is drawn, with a warning. Raises DrawError
    where none fits.
    """
    (net,) = nets
    sheet = Sheet.of(choices, title_of(net), subtitle_of(net), notes_of(net))
    view, scenes = laid_out(net, choices, sheet.space, several=several)
    found = colouring(net, view, choices.color, sheet.theme, scale=choices.scale)
    sheets = [replace(sheet, number=n, count=len(scenes)) for n in range(1, len(scenes) + 1)]
    return [
        Page(compose(view, scene, found, each), view)
        for scene, each in zip(scenes, sheets, strict=True)
    ]


def view_alone(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return a page with the view of a network, and nothing laid out."""
    (net,) = nets
    view = build_view(net, choices.level, facts=choices.facts, opened=choices.open)
    drawing = Drawing(0.0, 0.0, (), title_of(net), subtitle_of(net), notes=notes_of(net))
    return [Page(drawing, view)]


def laid_out(
    net: ArchGraph,
    choices: Choices,
    space: Space,
    *,
    several: bool,
    directions: Sequence[bool] = BOTH,
) -> tuple[View, list[Scene]]:
    """Return the view and its scenes at the finest level, from the asked one up, that fits."""
    level, opened = choices.level, choices.open
    last: list[View] = []

    def searched() -> tuple[View, list[Scene]] | None:
        last[:] = [build_view(net, LEVELS[0], facts=choices.facts)]
        return best_cut(net, choices.facts, lambda view: _laid_out(view, space, False, directions))

    def shown(level: str) -> tuple[View, list[Scene]] | None:
        last[:] = [build_view(net, level, facts=choices.facts, opened=opened)]
        view, scenes = _laid_out(last[0], space, several, directions)
        return (view, scenes) if scenes else None

    def told(coarser: str) -> str:
        where = "the pages" if several else "one page"
        more = "" if several else " (.pdf and .pptx can hold several pages)"
        return (
            f"'{net.name}' at {level} level does not fit on {where} in readable text; "
            f"drawn at {coarser} level{more}."
        )

    if choices.searches:
        found = searched()
    else:
        # What is to be opened is there at one level only.
        found = finest(level, shown, told, coarsest=level if opened else LEVELS[0])
    if found is None:
        tight = lay_out(last[0], space, pages=False, directions=directions, tight=True)
        found = (last[0], tight) if tight else None
    if found is None:
        raise _unfit(net, last[0], opened, several)
    return found


def _laid_out(
    view: View, space: Space, several: bool, directions: Sequence[bool]
) -> tuple[View, list[Scene] | None]:
    """Return a view and its scenes: with narrow boxes where only they fit on one page."""
    forms = (view, *(narrowed(view, room) for room in ROOMS))
    found = in_map_rows(forms, space, directions)
    if found is not None:
        return found
    if has_lanes(view):
        view = narrowed(view)
    elif any(node.kind == "module" for node in view.nodes.values()):
        for form in forms:
            scenes = lay_out(form, space, pages=False, directions=directions, layers=False)
            if scenes is not None:
                return form, scenes
        for form in forms:
            scenes = in_layers(form, space, directions)
            if scenes is not None:
                return form, scenes
    return view, lay_out(view, space, pages=several, directions=directions)


def natural(view: View, *, down: bool) -> tuple[View, Scene] | None:
    """Return a view and its scene as large as it needs to be; None where no line finds its way.

    A chain runs in one line unless that is long.
    """
    way = (down,)
    mapped = in_map_rows((view,), None, way)
    if mapped is not None:
        return mapped[0], mapped[1][0]
    for sides in () if has_lanes(view) else NATURAL:
        room = (sides[0] * MOST, sides[1] * MOST)
        scenes = lay_out(view, room, pages=False, directions=way, layers=False)
        if scenes and scenes[0].scale == MOST:
            return view, scenes[0]
    for directions in (way, BOTH):
        found, free = _laid_out(view, None, False, directions)
        if free:
            return found, free[0]
    return None


def _unfit(net: ArchGraph, view: View, opened: Sequence[str], several: bool) -> DrawError:
    """Return the error for what fits at no level, with what would help."""
    free, names = written("fit", "none"), ", ".join(opened)
    if opened and has_lanes(view):
        return DrawError(
            f"'{names}' cannot be opened in a picture with a lane for each device; "
            f"draw it alone, as '{net.name}/{opened[0]}'."
        )
    if opened:
        return DrawError(
            f"'{net.name}' with '{names}' open does not fit on "
            f"{'pages' if several else 'a page'} of this size in readable text; "
            f"use {free}{'' if several else ', or .pdf or .pptx, which hold several'}."
        )
    part = _some_part(net)
    instead = f"draw a module of it, such as '{net.name}/{part}', or " if part else ""
    return DrawError(
        f"'{net.name}' does not fit on the canvas in readable text; {instead}use {free}."
    )


def _some_part(net: ArchGraph) -> str | None:
    """Return a group or module that holds several operators, but not nearly all of them."""
    paths = {name.rpartition(".")[0]: None for name in net if "." in name}
    for path in [*net.groups, *paths]:
        try:
            part = net.module(path)
        except ArchGraphError:  # a group that this part of a network lacks
            continue
        if 1 < part.number_of_nodes() <= net.number_of_nodes() / 2:
            return path
    return None
