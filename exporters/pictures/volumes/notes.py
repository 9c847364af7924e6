"""The words between volumes: kernels, strides, poolings, traffic; each where nothing else is."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.units import bytes_text

from ..drawing import Point
from ..text import ASCENT, DESCENT, text_width
from .model import Link, Volumes
from .overlap import Rect, covers
from .projection import Scale, Solid
from .rays import window_rect
from .scene import Ray, Scene, Word
from .words import SIZE

__all__ = ["LINE", "annotate"]

LINE = 1.22
STEP = 1.5
FAR = 110.0
"""How far from its first choice a word may go, in points at text scale 1."""
AIR = 1.5


def annotate(volumes: Volumes, scene: Scene, scale: Scale) -> None:
    """Add the words of every link that leads from one volume of the scene to another."""
    links = [link for link in volumes.links if {link.source, link.target} <= set(scene.solids)]
    shown: set[str] = set()
    for found in scene.rays:
        if found.kernel and found.link.source not in shown:
            shown.add(found.link.source)
            _kernel_words(found, scene, scale)
    for link in links:
        source, target = scene.solids[link.source], scene.solids[link.target]
        if link.words and link.kind != "crossing":
            middle = (source.right + target.x) / 2
            y = _between(source, target)
            _put(scene, link, link.words, middle, y, scale, (1.0,))
    for column in volumes.columns:
        _traffic(volumes, [link for link in links if link.target in column.values()], scene, scale)


def _between(source: Solid, target: Solid) -> float:
    """Return the height at which a link passes half way."""
    return (source.exit[1] + target.entry[1]) / 2


def _kernel_words(found: Ray, scene: Scene, scale: Scale) -> None:
    assert found.link.window is not None
    left, top, right, bottom = window_rect(found)
    size = SIZE * scale.text
    label = "×".join(map(str, found.link.window))
    places = [bottom + ASCENT * size + 1.0, top - DESCENT * size - 1.0]
    _put(scene, found.link, (label,), (left + right) / 2, places[0] + size / 2, scale, (1.0, -1.0), on=found.link.source)


def _traffic(volumes: Volumes, links: Sequence[Link], scene: Scene, scale: Scale) -> None:
    """Write how many bytes cross between the lanes, in the middle of the crossing lines."""
    crossing = [link for link in links if link.kind == "crossing"]
    if not crossing:
        return
    words = [bytes_text(crossing[0].bytes)]
    if len(crossing) > 1 and len({link.bytes for link in crossing}) == 1:
        words.append("each way")
    elif len(crossing) > 1:
        words = [bytes_text(sum(link.bytes for link in crossing))]
    link = crossing[0]
    ends = [(scene.solids[one.source], scene.solids[one.target]) for one in crossing]
    x = sum(source.exit[0] + target.entry[0] for source, target in ends) / 2 / len(ends)
    y = sum(_between(source, target) for source, target in ends) / len(ends)
    _put(scene, link, tuple(words), x, y, scale, (1.0, -1.0))


def _put(
    scene: Scene,
    link: Link,
    lines: Sequence[str],
    x: float,
    y: float,
    scale: Scale,
    ways: Sequence[float],
    on: str | None = None,
) -> None:
    """Add lines of text around (x, y), or as near as nothing is covered, up or down."""
    size = SIZE * scale.text
    wide = max(text_width(line, size) for line in lines)
    high = size * (ASCENT + DESCENT + LINE * (len(lines) - 1))
    outlines = [solid.outline for key, solid in scene.solids.items() if key != on]
    outlines += [found.area for found in scene.rays if found.area]
    rects = [word.rect for word in scene.words]
    rects += [_stroke(a, b) for found in scene.rays if not found.area for a, b in _parts(found)]

    def free(middle: float) -> bool:
        rect = (x - wide / 2, middle - high / 2, x + wide / 2, middle + high / 2)
        grown = (rect[0] - 2 * AIR, rect[1] - AIR, rect[2] + 2 * AIR, rect[3] + AIR)
        return not any(_meet(grown, other) for other in rects) and not any(
            covers(grown, outline) for outline in outlines
        )

    steps = int(FAR * scale.text / STEP)
    tries = [y + way * step * STEP for step in range(steps) for way in ways]
    middle = next((place for place in tries if free(place)), y)
    top = middle - high / 2 + ASCENT * size
    scene.words += [
        Word(f"{link.source}->{link.target}", line, x, top + LINE * size * index, size,
             crossing=link.kind == "crossing")
        for index, line in enumerate(lines)
    ]  # fmt: skip


def _meet(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _parts(found: Ray) -> list[tuple[Point, Point]]:
    return [pair for line in found.lines for pair in zip(line, line[1:], strict=False)]


def _stroke(a: Point, b: Point) -> Rect:
    """Return the room of a level or upright line; slanted ones may be crossed."""
    if a[0] != b[0] and a[1] != b[1]:
        return (a[0], a[1], a[0], a[1])
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])
