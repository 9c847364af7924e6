"""The tint of each frame: every stage of a network has its own, so that the eye finds it again."""

from __future__ import annotations

from collections.abc import Mapping

from ..drawing import Paint
from ..layout.scene import Scene
from ..view import View
from .own_colours import own_frame
from .theme import Theme

__all__ = ["frame_paints"]

LINE = 0.8


def frame_paints(view: View, scene: Scene, theme: Theme, *, tinted: bool) -> Mapping[str, Paint]:
    """Return the paint of each frame by its key; without ``tinted`` the same for all.

    The tints follow the stages' order in the network and start again after the last. Networks side
    by side have one for stages of one name.
    """
    own = {key: Paint(*own_frame(color, theme), LINE) for key, color in view.frame_colors.items()}
    plain = Paint(theme.frame_fill, theme.frame_line, LINE)
    named = _stages(view, scene)
    stages = {frame.key: named.get(frame.key) for frame in scene.frames}
    # Of all pages' nodes, so that a stage keeps its tint where it goes on.
    order: dict[str, int] = {}
    for node in view.nodes.values():
        if node.stage and node.role != "auxiliary":
            order.setdefault(view.groups.get(node.stage, node.stage), len(order))
    if not tinted or len(order) < 2:
        return {**dict.fromkeys(stages, plain), **own}
    tints = [Paint(fill, line, LINE) for fill, line in theme.frame_tints]
    found = {
        key: tints[order[stage] % len(tints)] if stage in order else plain
        for key, stage in stages.items()
    }
    return {**found, **own}


def _stages(view: View, scene: Scene) -> dict[str, str]:
    """Return the name of the stage that each box and each group on a page is, or is a part of."""
    found: dict[str, str] = {}
    for node in map(view.nodes.__getitem__, scene.nodes):
        if node.stage:
            for key in (node.id, node.block, node.stage):
                if key is not None:
                    found.setdefault(key, view.groups.get(node.stage, node.stage))
    return found
