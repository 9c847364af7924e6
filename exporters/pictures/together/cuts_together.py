"""Which boxes networks side by side show: those that tell most, alike in all of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from functools import partial

from archgraph.graph import ArchGraph

from ..best_cut import best_cut
from ..choices import Choices
from ..layout.readable import LEAST
from ..layout.scene import Scene, Space
from ..single import one_scene
from ..view import View, said, view_of, with_settings, without_output
from .alike_cut import AlikeCut
from .halves import joined_scene, part_of, share
from .matching import Matches

__all__ = ["MOST", "Shown", "cut_alike", "cut_alone"]

MOST = 1.6
"""How much larger than usual text grows at most."""

Shown = tuple[View, list[list[str]], Scene]
"""What is shown of all networks, the nodes of each, and where."""


def cut_alike(
    nets: Sequence[ArchGraph],
    matches: Matches,
    choices: Choices,
    lay: Callable[[Sequence[View]], Shown | None],
) -> Shown | None:
    """Return the best cut of the largest network, with the others cut alike; None if none fits."""
    main = max(range(len(nets)), key=lambda at: (len(nets[at]), at))
    others = {
        at: AlikeCut(net, matches.partners[at, main]) for at, net in enumerate(nets) if at != main
    }
    found: dict[tuple[str, ...], Shown] = {}

    def laid_out(view: View) -> tuple[View, list[Scene] | None]:
        views = [
            view if at == main else view_of(net, others[at].plan(view), said(net, choices.facts))
            for at, net in enumerate(nets)
        ]
        shown = lay(views)
        if shown is None:
            return view, None
        found[tuple(view.nodes)] = shown
        return view, [shown[2]]

    best = best_cut(nets[main], choices.facts, laid_out, _nothing_else)
    return None if best is None else found[tuple(best[0].nodes)]


def _nothing_else(view: View) -> tuple[View, None]:
    """Lay out nothing: beside one another, networks are not crowded."""
    return view, None


def _alone(
    settings: Sequence[str], name: str, room: Space, down: bool, view: View
) -> tuple[View, list[Scene] | None]:
    """Return one network's view as it is set, and its scene in its part of the space."""
    return one_scene(with_settings(without_output(view), settings, name), room, (down,))


def cut_alone(
    nets: Sequence[ArchGraph],
    names: Sequence[str],
    choices: Choices,
    space: Space,
    join: Callable[[Sequence[View]], tuple[View, list[list[str]]]],
) -> Shown | None:
    """Return the best cut of each network in its own part of the space; None if none fits."""
    best: tuple[tuple[int, float], Shown] | None = None
    for beside, down in itertools.product((True, False), (True, False)):
        room = share(space, len(nets), beside)
        parts = []
        for net, name in zip(nets, names, strict=True):
            lay = partial(_alone, choices.set, name, room, down)
            part = best_cut(net, choices.facts, lay, _nothing_else)
            if part is None:
                break
            parts.append(part)
        else:
            view, rows = join([part[0] for part in parts])
            scenes = [one_scene(part_of(view, row), room, (down,))[1] for row in rows]
            if None in scenes:
                continue
            scene = joined_scene([found[0] for found in scenes if found], beside)
            scene = scene.fitted(space, MOST)
            worth = (min(len(row) for row in rows), scene.scale)
            if scene.scale >= LEAST and (best is None or worth > best[0]):
                best = worth, (view, rows, scene)
    return best and best[1]
