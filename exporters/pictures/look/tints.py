"""The tint of each frame: every stage of a network has its own, so that the eye finds it again."""

from __future__ import annotations

from collections.abc import Mapping

from ..drawing import Paint
from ..layout.scene import Frame, Scene
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
    stages = {frame.key: _stage(frame, view, scene) for frame in scene.frames}
    # Of all pages' nodes, so that a stage keeps its tint where it goes on.
    order = list(
        dict.fromkeys(
            view.groups.get(node.stage, node.stage)
            for node in view.nodes.values()
            if node.stage and node.role != "auxiliary"
        )
    )
    if not tinted or len(order) < 2:
        return {**dict.fromkeys(stages, plain), **own}
    tints = [Paint(fill, line, LINE) for fill, line in theme.frame_tints]
    found = {
        key: tints[order.index(stage) % len(tints)] if stage in order else plain
        for key, stage in stages.items()
    }
    return {**found, **own}


def _stage(frame: Frame, view: View, scene: Scene) -> str | None:
    """Return the name of the stage that a frame is, or is a part of."""
    for node in map(view.nodes.__getitem__, scene.nodes):
        if node.stage and frame.key in (node.id, node.block, node.stage):
            return view.groups.get(node.stage, node.stage)
    return None
