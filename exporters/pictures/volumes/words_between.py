"""The words between volumes: kernels, poolings, strides, traffic; each where nothing else is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from archgraph.units import bytes_text

from ..drawing import Point
from ..dress.spoken import say, spoken
from ..text.widths import ASCENT, DESCENT, text_width
from .columns import Link, Volumes
from .overlap import Rect, covers
from .placed_volumes import Ray, Scene, Word
from .projection import Scale, Solid
from .words_at import SIZE

__all__ = ["LINE", "annotate", "fan_words"]

LINE = 1.22
STEP = 1.5
FAR = 400.0
"""How far from its first choice a word may go, in points."""
AIR = 1.5
EDGE_PLACES = (0.8, 0.2, 0.9, 0.1, 0.65, 0.35)
"""Where along its edge a volume's height may stand, best first."""


def annotate(volumes: Volumes, scene: Scene, scale: Scale) -> None:
    """Move the heights off the rays and add the words of every link within the scene."""
    links = [link for link in volumes.links if {link.source, link.target} <= set(scene.solids)]
    rays = {(found.link.source, found.link.target): found for found in scene.rays}
    strokes = [pair for found in scene.rays for line in found.lines for pair in pairwise(line)]
    scene.words = [_beside(word, scene, strokes) if word.beside else word for word in scene.words]
    scene.words = [_below(word, scene, strokes) for word in scene.words]
    blocks: dict[tuple[str, tuple[str, ...]], Link] = {}
    for link in links:
        if link.kind == "crossing":
            continue
        found = rays.get((link.source, link.target))
        words = link.words
        if found and found.kernel:
            kernel = _kernel_word(found, scene.solids[link.source], scale, strokes)
            if not kernel:
                words = _with_kernel(words, link.kernel)
            elif not any(word.owner.startswith(f"{link.source}->") for word in scene.words):
                scene.words.append(kernel)
        if words:
            blocks.setdefault((link.source, words), link)
    for column in volumes.columns:
        _traffic([link for link in links if link.target in column.values()], scene, scale)
    for (_, words), link in blocks.items():
        _put(
            scene,
            link,
            tuple(map(spoken, words)),
            scale,
            rays.get((link.source, link.target)),
            strokes,
        )


def fan_words(links: Iterable[Link], scale: Scale) -> float:
    """Return the room that the words of dense layers need between two volumes."""
    lines = [spoken(line) for link in links if link.dense for line in link.words]
    return max((text_width(line, SIZE * scale.text) + 8.0 for line in lines), default=0.0)


def _beside(word: Word, scene: Scene, strokes: Sequence[tuple[Point, Point]]) -> Word:
    """Return a volume's height moved along its edge to where no line runs through it."""
    solid = scene.solids[word.owner]
    for place in EDGE_PLACES:
        moved = replace(word, y=solid.y + solid.height * place + 0.36 * word.size)
        if not any(covers(moved.rect, stroke) for stroke in strokes):
            return moved
    return word


def _below(word: Word, scene: Scene, strokes: Sequence[tuple[Point, Point]]) -> Word:
    """Return a word below a volume, to the right of the lines that arrive there if they meet it."""
    solid = scene.solids.get(word.owner)
    if solid is None or word.anchor != "middle" or word.upright or word.y < solid.bottom:
        return word
    if not any(covers(word.rect, stroke) for stroke in strokes):
        return word
    return replace(word, x=solid.x + 1.0, anchor="start")


def _kernel_word(
    found: Ray, solid: Solid, scale: Scale, strokes: Sequence[tuple[Point, Point]]
) -> Word | None:
    """Return the kernel's size below or above its window; None where the right face is too full."""
    face = found.kernel[-1]
    size = SIZE * scale.text
    middle = (face[0][0] + face[1][0]) / 2
    below = max(y for _, y in face) + 2.5 + ASCENT * size
    above = min(y for _, y in face) - 2.0 - DESCENT * size
    name = f"{found.link.source}->{found.link.target}"
    for base in (below, above):
        window = "×".join(map(str, found.link.window or ()))
        word = Word(name, window, middle, base, size, inside=True)
        left, top, right, bottom = word.rect
        # The face's edges rise to the right.
        highest = solid.y - (left - solid.right) / solid.dx * solid.dy
        lowest = solid.bottom - (right - solid.right) / solid.dx * solid.dy
        across = left > solid.right + 1.0 and right < solid.right + solid.dx
        held = across and top > highest + 0.5 and bottom < lowest - 0.5
        if held and not any(covers(word.rect, stroke) for stroke in strokes):
            return word
    return None


def _with_kernel(words: tuple[str, ...], kernel: str) -> tuple[str, ...]:
    """Return the words with the kernel before its stride, behind the pooling before it."""
    place = len(words) - 1 if words and words[-1].startswith("stride") else len(words)
    return (*words[:place], kernel, *words[place:])


def _traffic(links: Sequence[Link], scene: Scene, scale: Scale) -> None:
    """Write how many bytes cross between the lanes, in the middle of the crossing lines."""
    crossing = [link for link in links if link.kind == "crossing"]
    if not crossing:
        return
    each = len({link.bytes for link in crossing}) == 1 and len(crossing) > 1
    sizes = [link.bytes for link in crossing if link.bytes is not None]
    whole = sum(sizes) if len(sizes) == len(crossing) else None
    lines = [bytes_text(crossing[0].bytes if each else whole)]
    if each:
        lines.append(say("each way"))
    ends = [(scene.solids[link.source], scene.solids[link.target]) for link in crossing]
    size = SIZE * scale.text
    wide = max(text_width(line, size) for line in lines)
    high = _height(lines, size)
    rects = [word.rect for word in scene.words]
    outlines = [solid.outline for solid in scene.solids.values()]

    def place(part: float) -> Point:
        """Return a point on the middle of all lines, at this part of their length."""
        both = [(a.exit, b.entry) for a, b in ends]
        x, y = (sum(a[n] * (1 - part) + b[n] * part for a, b in both) for n in (0, 1))
        return x / len(ends), y / len(ends)

    def free(at: Point) -> bool:
        x, y = at
        rect = (x - wide / 2 - 3, y - high / 2 - 1, x + wide / 2 + 3, y + high / 2 + 1)
        return _is_free(rect, rects, outlines)

    places = [place(part) for part in (0.5, 0.4, 0.6, 0.3, 0.7)]
    x, y = next(filter(free, places), places[0])
    scene.words += _lines(crossing[0], lines, x, y, size, crossing=True)


def _between(source: Solid, target: Solid) -> float:
    """Return the height at which a link passes half way."""
    return (source.exit[1] + target.entry[1]) / 2


def _height(lines: Sequence[str], size: float) -> float:
    return size * (ASCENT + DESCENT + LINE * (len(lines) - 1))


def _put(
    scene: Scene,
    link: Link,
    lines: Sequence[str],
    scale: Scale,
    found: Ray | None,
    strokes: Sequence[tuple[Point, Point]],
) -> None:
    """Add lines of text half way along a link, as near to it as nothing is covered."""
    source, target = scene.solids[link.source], scene.solids[link.target]
    size = SIZE * scale.text
    wide = max(text_width(line, size) for line in lines)
    high = _height(lines, size)
    fan = found.area if link.dense and found else ()
    # A fan's words stand in it; others below the volume's right face.
    x = ((source.right + source.dx if fan else source.right) + target.x) / 2
    rects = [word.rect for word in scene.words]
    for frame in scene.frames:
        left, top, right, bottom = frame.rect
        rects += [(left, top, right, top + 2), (left, bottom - 2, right, bottom)]
        rects += [(left, top, left + 2, bottom), (right - 2, top, right, bottom)]
    outlines: list[tuple[Point, ...]] = [*strokes, *(s.outline for s in scene.solids.values())]
    outlines += [ray.area for ray in scene.rays if ray.area and ray.area != fan]
    # Lines of text only move up and down: what lies to their left or right stays there.
    near, far = x - wide / 2 - AIR, x + wide / 2 + AIR
    rects = [rect for rect in rects if rect[0] < far and rect[2] > near]
    outlines = [
        outline
        for outline in outlines
        if min(point[0] for point in outline) < far and max(point[0] for point in outline) > near
    ]

    def free(middle: float) -> bool:
        rect = (near, middle - high / 2 - AIR, far, middle + high / 2 + AIR)
        return _is_free(rect, rects, outlines)

    y = _between(source, target)
    down = (y + STEP * step for step in range(int(FAR / STEP)))
    up = (y - STEP * step for step in range(int(FAR / STEP)))
    below, above = next(filter(free, down), None), next(filter(free, up), None)
    if below is None or (above is not None and y - above < (below - y) / 3):
        below = above
    scene.words += _lines(link, lines, x, y if below is None else below, size)


def _lines(
    link: Link, lines: Sequence[str], x: float, y: float, size: float, *, crossing: bool = False
) -> list[Word]:
    """Return a link's lines of text around a point."""
    name, top = f"{link.source}->{link.target}", y - _height(lines, size) / 2 + ASCENT * size
    return [
        Word(name, line, x, top + LINE * size * number, size, crossing=crossing)
        for number, line in enumerate(lines)
    ]


def _is_free(rect: Rect, rects: Sequence[Rect], outlines: Sequence[Sequence[Point]]) -> bool:
    taken = any(_meet(rect, other) for other in rects)
    return not taken and not any(covers(rect, outline) for outline in outlines)


def _meet(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
