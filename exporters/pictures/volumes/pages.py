"""The pages of a network's volumes: the finest level, from the asked one up, that fits."""

from __future__ import annotations

import warnings

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.options import written

from ..choices import CANVASES, Choices
from ..compose import room
from ..drawing import Drawing
from ..look.colour import colouring
from ..look.theme import theme as theme_named
from ..view import LEVELS
from .columns import Volumes
from .from_graph import build_volumes
from .largest import fit
from .paint import paint
from .placed_volumes import Scene

__all__ = ["drawings"]

FOLDED = 0.6
"""What a picture that shows equal blocks once counts against one that shows them all."""


def drawings(
    net: ArchGraph,
    choices: Choices,
    *,
    title: str,
    subtitle: str,
    notes: str = "",
) -> list[Drawing]:
    """Return the one page that shows a network as volumes.

    Where a level does not fit, equal blocks are drawn once, and where that does not help the
    next coarser level is drawn, with a warning. Raises DrawError for a network that is no chain.
    """
    colours, size = theme_named(choices.theme), CANVASES[choices.fit]
    space = None if size is None else room(*size)
    volumes, scene = _shown(net, choices.level, space)
    found = colouring(net, volumes.view, choices.color, colours, scale=choices.scale)
    subtitle = " · ".join([subtitle, "edges drawn as square roots of sizes", *_left_out(net)])
    page = paint(
        volumes,
        scene,
        found,
        colours,
        size=size,
        title=title,
        subtitle=subtitle,
        notes=notes,
    )
    return [page]


def _left_out(net: ArchGraph) -> list[str]:
    """Return what a chain of volumes does not show of a network, in words."""
    sums = any(net.op(name).sums for name in net)
    heads = any(data.get("training_only") for _, data in net.nodes(data=True))
    missing = [word for word, there in (("shortcuts", sums), ("auxiliary heads", heads)) if there]
    return [f"without {' and '.join(missing)}"] if missing else []


def _shown(net: ArchGraph, level: str, space: tuple[float, float] | None) -> tuple[Volumes, Scene]:
    for coarser in reversed(LEVELS[: LEVELS.index(level) + 1]):
        best: tuple[float, Scene, Volumes] | None = None
        for fold in (False, True):
            volumes = build_volumes(net, coarser, fold=fold)
            if fold and not any(node.repeat > 1 for node in volumes.view.nodes.values()):
                break
            worth = FOLDED if fold else 1.0
            found = fit(volumes, space, best[0] / worth if best else 0.0)
            if found:
                best = found[0] * worth, found[1], volumes
        if best is not None:
            if coarser != level:
                warnings.warn(
                    f"'{net.name}' at {level} level does not fit on one page as volumes; "
                    f"drawn at {coarser} level.",
                    stacklevel=5,
                )
            return best[2], best[1]
    raise DrawError(
        f"'{net.name}' does not fit on the canvas as volumes; use {written('fit', 'none')}."
    )
