"""The page of a network's volumes: the finest level, from the asked one up, that fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written

from ..captions import subtitle_of, title_of
from ..choices import Choices
from ..dress.spoken import say
from ..layout.scene import Space, Upright
from ..levels import finest
from ..look.colour import colouring
from ..own_notes import footed
from ..pages import Page
from ..sheet import Sheet
from ..spoken_notes import notes_of
from ..view import with_settings
from .columns import Volumes
from .from_graph import branching_volumes, build_volumes
from .largest import fit
from .largest_rows import fit_rows
from .paint import paint
from .placed_volumes import Scene
from .segments import devices

__all__ = ["volumes_page"]

FOLDED = 0.6
"""What a picture that shows equal blocks once counts against one that shows them all."""

LOW = (0.4, 0.6, 0.9, 1.3, 1.8)
"""How high volumes are against their width, the first at which they can be seen."""


def volumes_page(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return the one page that shows a network as volumes.

    Where a level does not fit, equal blocks are drawn once, and where that does not help the
    next coarser level is drawn, with a warning. Raises DrawError for a network that is neither a
    chain nor an encoder with its decoder.
    """
    (net,) = nets
    sheet = Sheet.of(choices, title_of(net), subtitle_of(net), notes_of(net))
    sheet = footed(sheet, choices.set)

    def told(coarser: str) -> str:
        return (
            f"'{net.name}' at {choices.level} level does not fit on one page as volumes; "
            f"drawn at {coarser} level."
        )

    def shown(level: str) -> tuple[Volumes, Scene] | None:
        tried = (_at(net, level, room, choices.set) for room in _rooms(sheet.space))
        return next(filter(None, tried), None)

    found = finest(choices.level, shown, told)
    if found is None:
        raise DrawError(
            f"'{net.name}' does not fit on the canvas as volumes; "
            f"use {written('fit', sheet.canvas.larger)}."
        )
    volumes, scene = found
    words = (sheet.subtitle, say("edges drawn as square roots of sizes"), *_left_out(net, volumes))
    sheet = replace(sheet, subtitle=" · ".join(words))
    colours = colouring(net, volumes.view, choices.color, sheet.theme, scale=choices.scale)
    return [Page(paint(volumes, scene, colours, sheet), volumes.view)]


def _rooms(space: Space) -> Iterator[Space]:
    """Yield the space; where the picture takes what it needs of it, lower ones before."""
    if isinstance(space, Upright):
        yield from ((space[0], part * space[0]) for part in LOW if part * space[0] < space[1])
    yield space


def _left_out(net: ArchGraph, volumes: Volumes) -> list[str]:
    """Return what volumes do not show of a network, in words."""
    nodes = volumes.view.nodes.values()
    if volumes.columns:
        inside = (n for n in nodes if n.shortcut is None for name in n.members if net.op(name).sums)
    else:  # sums of what skips are lines between rows
        inside = (node for node in nodes if node.shortcut is not None)
    heads = any(data.get("training_only") for _, data in net.nodes(data=True))
    missing = [*[say("shortcuts")] * any(inside), *[say("auxiliary heads")] * heads]
    return [say("without {names}", names=say(" and ").join(missing))] if missing else []


def _at(
    net: ArchGraph, level: str, space: Space, settings: Sequence[str]
) -> tuple[Volumes, Scene] | None:
    """Return the volumes of a level where they can be seen, all of them or equal blocks once.

    They are a chain, or else rows by map size.
    """
    try:
        return _in_a_chain(net, level, space, settings)
    except DrawError:
        found = _in_rows(net, level, space, settings)
        if found is None and (space is None or _in_rows(net, level, None, settings) is None):
            raise
        return found  # None where only the canvas is too small


def _in_rows(
    net: ArchGraph, level: str, space: Space, settings: Sequence[str]
) -> tuple[Volumes, Scene] | None:
    if len(devices(net)) > 1:
        return None
    for fold in (False, True):
        volumes = _set(branching_volumes(net, level, fold=fold), settings)
        found = fit_rows(volumes, space)
        if found:
            return volumes, found[1]
    return None


def _set(volumes: Volumes, settings: Sequence[str]) -> Volumes:
    """Return volumes with what a user set of them."""
    view = with_settings(volumes.view, settings)
    if len(view.nodes) < len(volumes.view.nodes):
        raise DrawError(f"a volume cannot be hidden; use {written('style', 'layout')}.")
    return replace(volumes, view=view)


def _in_a_chain(
    net: ArchGraph, level: str, space: Space, settings: Sequence[str]
) -> tuple[Volumes, Scene] | None:
    best: tuple[float, Scene, Volumes] | None = None
    for fold in (False, True):
        volumes = build_volumes(net, level, fold=fold)
        if fold and not any(node.repeat > 1 for node in volumes.view.nodes.values()):
            break
        volumes = _set(volumes, settings)
        worth = FOLDED if fold else 1.0
        found = fit(volumes, space, best[0] / worth if best else 0.0)
        if found:
            best = found[0] * worth, found[1], volumes
    return best and (best[2], best[1])
