"""Lays each network out for itself in an equal part of the space, all at one scale."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..layout.box_text import ROOMS, narrowed
from ..layout.scene import Line, Note, Rect, Scene, Space
from ..layout.steps import BOTH, in_map_rows, lay_out
from ..view import View
from .grid import HEADING, TALL

__all__ = ["halves", "in_rows", "joined_scene", "part_of", "share"]

GAP = 26.0
"""Between two networks, in points."""


def halves(view: View, rows: Sequence[Sequence[str]], space: Space) -> list[Scene]:
    """Return the networks beside each other and below each other, where both ways fit.

    In all of them the flow runs the same way, so that the eye compares like with like.
    """
    found = []
    for beside, down in itertools.product((True, False), (True, False)):
        scenes = []
        for row in rows:
            scene = _alone(view, row, share(space, len(rows), beside), down)
            if scene is None:
                break
            scenes.append(scene)
        else:
            found.append(joined_scene(scenes, beside))
    return found


def in_rows(
    view: View, rows: Sequence[Sequence[str]], space: Space
) -> Iterator[tuple[View, Scene]]:
    """Yield networks that go down and up again, each in a row for each size of its maps."""
    for beside in (True, False):
        room = share(space, len(rows), beside)
        parts = []
        for row in rows:
            part = part_of(view, row)
            made = in_map_rows((part, *(narrowed(part, wide) for wide in ROOMS)), room, BOTH)
            if made is None:
                break
            parts.append(made)
        else:
            nodes = {key: node for part, _ in parts for key, node in part.nodes.items()}
            scene = joined_scene([scenes[0] for _, scenes in parts], beside)
            yield replace(view, nodes=nodes), scene


def share(space: Space, count: int, beside: bool) -> Space:
    """Return one network's part of the space, without its heading."""
    if space is None:
        return None
    width, height = space
    free = GAP * (count - 1)
    if beside:
        return ((width - free) / count, height - TALL)
    return (width, (height - free) / count - HEADING)


def part_of(view: View, row: Sequence[str]) -> View:
    """Return the part of a view that shows one network."""
    names = set(row)
    edges = tuple(edge for edge in view.edges if edge.source in names)
    targets = {edge.source for edge in edges}
    output = view.output if view.output in names else [n for n in row if n not in targets][-1]
    nodes = {name: view.nodes[name] for name in row}
    around = {key for node in nodes.values() for key in (node.stage, node.block)}
    repeats = {key: count for key, count in view.repeats.items() if key in around}
    return replace(view, nodes=nodes, edges=edges, output=output, repeats=repeats)


def _alone(view: View, row: Sequence[str], space: Space, down: bool) -> Scene | None:
    found = lay_out(part_of(view, row), space, directions=(down,))
    return found[0] if found else None


def joined_scene(scenes: Sequence[Scene], beside: bool) -> Scene:
    """Return one scene that holds all, each below room for its heading."""
    whole = Scene(0.0, 0.0)
    gap, heading = GAP, TALL if beside else HEADING
    for scene in scenes:
        x = whole.width + gap if beside and whole.nodes else 0.0
        y = heading + (whole.height + gap if not beside and whole.nodes else 0.0)
        whole.headings.append(Rect(x, y - heading, scene.width, heading))
        _put(whole, scene, x, y)
        whole.width = max(whole.width, x + scene.width)
        whole.height = max(whole.height, y + scene.height)
    return whole


def _put(whole: Scene, scene: Scene, x: float, y: float) -> None:
    def moved(rect: Rect) -> Rect:
        return replace(rect, x=rect.x + x, y=rect.y + y)

    whole.nodes |= {name: moved(rect) for name, rect in scene.nodes.items()}
    whole.frames += [replace(frame, rect=moved(frame.rect)) for frame in scene.frames]
    whole.notes += [Note(n.x + x, n.y + y, n.text, n.kind) for n in scene.notes]
    whole.lines += [
        Line(
            line.edge,
            (line.start[0] + x, line.start[1] + y),
            tuple(tuple((p[0] + x, p[1] + y) for p in part) for part in line.segments),
            line.arrow,
        )
        for line in scene.lines
    ]
