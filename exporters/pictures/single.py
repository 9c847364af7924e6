"""One network as boxes and arrows: its pages, at the finest level that fits."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from archgraph.errors import ArchGraphError, DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written

from .best_cut import best_cut
from .captions import subtitle_of, title_of
from .choices import Choices
from .compose import compose, without_room
from .drawing import Drawing
from .layout.box_text import ROOMS, narrowed
from .layout.lanes import has_lanes
from .layout.polish import polished
from .layout.readable import LEAST, MOST, NARROWED, score
from .layout.scene import Scene, Space, Upright
from .layout.several_pages import several_pages
from .layout.steps import BOTH, in_layers, in_map_rows, in_order, lay_out
from .levels import finest
from .look.colour import colouring
from .own_notes import foot_height
from .pages import Page
from .sheet import Sheet
from .spoken_notes import notes_of
from .view import LEVELS, View, build_view, with_settings

__all__ = [
    "Told",
    "cut_page",
    "laid_out",
    "laid_out_once",
    "natural",
    "one_page",
    "one_scene",
    "pages",
    "pages_of",
    "view_alone",
]

Told = Callable[[View], View]
"""Adds to a view what else it says."""

_KEPT: ContextVar[dict[Any, tuple[View, list[Scene]]]] = ContextVar("kept")


@contextmanager
def laid_out_once() -> Iterator[None]:
    """Let pictures inside that differ in their theme alone be laid out once."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


NATURAL = ((1100.0, 620.0), (2200.0, 1240.0))
"""How large a chain may be before it is parted into lines, in points."""


def one_page(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return exactly one page of a network, of the finest level that fits on it."""
    return pages(nets, choices, several=False)


def pages(nets: Sequence[ArchGraph], choices: Choices, *, several: bool = True) -> list[Page]:
    """Return the pages of a network.

    Where a level does not fit, it gets several pages, or the next coarser one is drawn, with a
    warning. Raises DrawError where none fits.
    """
    (net,) = nets
    sheet = Sheet.of(choices, title_of(net), subtitle_of(net), notes_of(net))
    return pages_of(net, choices, sheet, several=several)


def pages_of(
    net: ArchGraph,
    choices: Choices,
    sheet: Sheet,
    *,
    several: bool,
    told: Told = lambda view: view,
) -> list[Page]:
    """Return the pages of a network on such sheets; ``told`` adds to a view what else it says."""
    kept = _KEPT.get({})
    key = (id(net), replace(choices, theme="light"), sheet.space, several, told)
    if key not in kept:
        kept[key] = laid_out(net, choices, sheet.space, several=several, told=told)
    view, scenes = kept[key]
    found = colouring(net, view, choices.color, sheet.theme, scale=choices.scale)
    if view.notes:
        sheet, view, scenes = _with_notes(net, choices, sheet, (view, scenes), several, told)
        found = colouring(net, view, choices.color, sheet.theme, scale=choices.scale)
    sheets = [replace(sheet, number=n, count=len(scenes)) for n in range(1, len(scenes) + 1)]
    return [
        Page(compose(view, scene, found.of(scene.nodes), each), view)
        for scene, each in zip(scenes, sheets, strict=True)
    ]


def _with_notes(
    net: ArchGraph,
    choices: Choices,
    sheet: Sheet,
    shown: tuple[View, list[Scene]],
    several: bool,
    told: Told,
) -> tuple[Sheet, View, list[Scene]]:
    """Return a layout with room below it for the notes that have none beside their boxes.

    It is the same, a little smaller, or where its words would be too small another one.
    """
    first, start = shown, sheet
    crowded: set[str] = set()
    for last in (False, True):
        view, scenes = shown
        if not first[0].found <= view.found:
            break
        colours = colouring(net, view, choices.color, sheet.theme, scale=choices.scale)
        left = [without_room(view, scene, colours, sheet) for scene in scenes]
        foot = max(foot_height([*each.values()], sheet.width_within) for each in left)
        if foot <= sheet.foot:
            return sheet, view, scenes
        crowded = crowded or {key for each in left for key in each}
        # Of other places other notes have room: in the end there is some for all.
        all_of_them = foot_height([*view.notes.values()], sheet.width_within)
        sheet = replace(sheet, foot=all_of_them if last else foot)
        fitted = [scene.fitted(sheet.space, scene.scale) for scene in scenes]
        if all(scene.scale >= LEAST for scene in fitted):
            shown = view, fitted
        else:
            shown = laid_out(net, choices, sheet.space, several=several, told=told)
    if first[0].found <= shown[0].found:
        return sheet, *shown
    warnings.warn(
        "a note has no room on this canvas and is left out; it is in the facts of its box, or on a "
        "larger canvas.",
        stacklevel=9,
    )
    kept = {key: note for key, note in first[0].notes.items() if key not in crowded}
    return start, replace(first[0], notes=kept), first[1]


def view_alone(
    nets: Sequence[ArchGraph], choices: Choices, *, told: Told = lambda view: view
) -> list[Page]:
    """Return a page with the view of a network, and nothing laid out."""
    (net,) = nets
    view = build_view(net, choices.level, facts=choices.facts, opened=choices.open)
    view = with_settings(told(view), choices.set)
    drawing = Drawing(0.0, 0.0, (), title_of(net), subtitle_of(net), notes=notes_of(net))
    return [Page(drawing, view)]


MOST_LINES = 500
"""Lines that Mermaid draws; of more it shows an error, and no file can ask for more."""


def cut_page(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return the page whose view a format makes its own picture of.

    Such a picture has no edge, so a level that was asked for is shown as far as it can be drawn;
    else it is what fits on a page.
    """
    if choices.level in LEVELS:
        whole = view_alone(nets, choices)
        view = whole[0].view
        if view is not None and len(view.edges) <= MOST_LINES:
            return whole
    return one_page(nets, choices)


def laid_out(
    net: ArchGraph,
    choices: Choices,
    space: Space,
    *,
    several: bool,
    directions: Sequence[bool] = BOTH,
    told: Told = lambda view: view,
) -> tuple[View, list[Scene]]:
    """Return the view and its scenes at the finest level, from the asked one up, that fits."""
    level, opened = choices.level, choices.open
    last: list[View] = []

    def usual(view: View) -> tuple[View, list[Scene] | None]:
        return _laid_out(view, space, False, directions)

    def crowded(view: View) -> tuple[View, list[Scene] | None]:
        return _crowded(view, space, directions)

    def as_set(view: View) -> View:
        return with_settings(told(view), choices.set)

    def searched() -> tuple[View, list[Scene]] | None:
        last[:] = [as_set(build_view(net, LEVELS[0], facts=choices.facts))]
        # What is set of boxes leaves the cut as it was, wherever that still fits.
        found = best_cut(
            net, choices.facts, lambda view: usual(told(view)), lambda view: crowded(told(view))
        )
        if not choices.set or found is None:
            return found
        for lay in (usual, crowded):
            view, scenes = lay(with_settings(found[0], choices.set))
            if scenes is not None:
                return view, scenes
        named = with_settings(found[0], choices.set).found
        found = best_cut(
            net, choices.facts, lambda view: usual(as_set(view)), lambda view: crowded(as_set(view))
        )
        if found is not None and not named <= found[0].found:
            raise DrawError(
                f"'{net.name}' does not fit on the canvas with what is set of its boxes; use "
                f"shorter labels, or {written('fit', choices.canvas.larger)}."
            )
        return found

    def shown(level: str) -> tuple[View, list[Scene]] | None:
        last[:] = [as_set(build_view(net, level, facts=choices.facts, opened=opened))]
        # What is opened has to stand in the lanes that the rest has.
        view, scenes = _laid_out(last[0], space, several, directions, laneless=not opened)
        return (view, scenes) if scenes else None

    def coarser_told(coarser: str) -> str:
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
        found = finest(level, shown, coarser_told, coarsest=level if opened else LEVELS[0])
    if found is None:
        tight = in_order(last[0], space, directions)
        found = (last[0], tight) if tight else None
    if found is None and has_lanes(last[0]) and not opened:
        # Lanes are for a few parts alike; other networks on several devices are drawn as any.

        def without_lanes(view: View) -> View:
            return replace(told(view), lanes=False)

        return laid_out(
            net, choices, space, several=several, directions=directions, told=without_lanes
        )
    if found is None:
        raise _unfit(net, last[0], choices, several)
    view, scenes = found
    return view, [polished(view, scene, space) for scene in scenes]


def one_scene(
    view: View, space: Space, directions: Sequence[bool] = BOTH
) -> tuple[View, list[Scene] | None]:
    """Return a view on one page, with narrow boxes where only they fit; None where none fits."""
    return _laid_out(view, space, False, directions)


def _laid_out(
    view: View,
    space: Space,
    several: bool,
    directions: Sequence[bool],
    *,
    laneless: bool = True,
) -> tuple[View, list[Scene] | None]:
    """Return a view and its scenes: with narrow boxes where only they fit on one page."""
    forms = (view, *(narrowed(view, room) for room in ROOMS))
    found = in_map_rows(forms, space, directions)
    if found is not None:
        return found
    if has_lanes(view):
        view = narrowed(view)
    elif any(node.kind == "module" for node in view.nodes.values()):
        tried = []
        for steps, form in enumerate(forms):
            scenes = lay_out(form, space, directions=directions, layers=False)
            if scenes is not None and not isinstance(space, Upright):
                return form, scenes
            if scenes is not None:  # narrow boxes may stand beside each other
                scenes[0].penalty += NARROWED / 2 * steps
                tried.append((form, scenes))
        if tried:
            return max(tried, key=lambda each: score(each[1][0], space))
        for form in forms:
            scenes = in_layers(form, space, directions)
            if scenes is not None:
                return form, scenes
    scenes = lay_out(view, space, directions=directions, laneless=laneless)
    found = several_pages(view, space) if scenes is None and several and space else None
    return found or (view, scenes)


def _crowded(
    view: View, space: Space, directions: Sequence[bool]
) -> tuple[View, list[Scene] | None]:
    """Return a view and its scenes, one box behind the other as in a text."""
    for form in (view, *(narrowed(view, room) for room in ROOMS)):
        scenes = in_order(form, space, directions)
        if scenes is not None:
            return form, scenes
    return view, None


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
        scenes = lay_out(view, room, directions=way, layers=False)
        if scenes and scenes[0].scale == MOST:
            return view, scenes[0]
    for directions in (way, BOTH):
        found, free = _laid_out(view, None, False, directions)
        if free:
            return found, free[0]
    return None


def _unfit(net: ArchGraph, view: View, choices: Choices, several: bool) -> DrawError:
    """Return the error for what fits at no level, with what would help."""
    opened, free = choices.open, written("fit", choices.canvas.larger)
    names = ", ".join(opened)
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
