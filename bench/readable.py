"""What a picture must hold so that it can be read on a slide, measured from the written SVG.

A rule takes what was read of an SVG and yields its offences: how bad each is, in points where there
are any, and a sentence that names it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from math import hypot

from bench.reading_svg import Box, Line, Node, Picture, Point

__all__ = [
    "LABEL",
    "SECONDARY",
    "Offence",
    "Rule",
    "covered_words",
    "lines_through_boxes",
    "lines_through_words",
    "lost_heads",
    "off_the_page",
    "overlapping_boxes",
    "small_words",
    "words_outside",
]

LABEL, SECONDARY = 9.0, 7.0
"""The smallest labels, and the smallest text of all, in points."""

Offence = tuple[float, str]
Rule = Callable[[Picture], Iterator[Offence]]


def small_words(picture: Picture) -> Iterator[Offence]:
    """Yield boxes whose label, and texts that, are too small."""
    for node in picture.nodes.values():
        largest = max((word.size for word in node.words), default=LABEL)
        if largest < LABEL:
            yield LABEL - largest, f"the label of {node.id} has {largest:.3g} pt"
    for word in picture.words:
        if word.size < SECONDARY:
            yield SECONDARY - word.size, f"'{word.text}' has {word.size:.3g} pt"


def words_outside(picture: Picture) -> Iterator[Offence]:
    """Yield words that leave the box or the frame that they belong to."""
    for node in (*picture.nodes.values(), *picture.frames.values()):
        for word in node.words:
            if not node.box.holds(word.box, slack=0.6):
                yield _out(node.box, word.box), f"'{word.text}' leaves {node.id}"


def overlapping_boxes(picture: Picture) -> Iterator[Offence]:
    """Yield pairs of boxes that overlap; boxes of a stack touch."""
    for one, other in itertools.combinations(picture.nodes.values(), 2):
        if one.box.overlaps(other.box, slack=0.05):
            yield _depth(one.box, other.box), f"{one.id} and {other.id} overlap"


def lines_through_boxes(picture: Picture) -> Iterator[Offence]:
    """Yield lines that run through a box that they do not belong to."""
    for line in picture.lines:
        for node in picture.nodes.values():
            if node.id in (line.source, line.target):
                continue
            # Touching boxes are one stack: a line to a stack ends at its middle.
            inside = sum(node.box.contains(*point, slack=0.8) for point in line.points)
            if inside:
                yield inside, f"{_called(line)} runs through {node.id}"


def lines_through_words(picture: Picture) -> Iterator[Offence]:
    """Yield lines that run through words beside boxes: only traffic stands on lines."""
    owned = {id(word) for node in picture.nodes.values() for word in node.words}
    for word in picture.words:
        if id(word) in owned or "iB" in word.text or word.text == "each way":
            continue
        for line in picture.lines:
            inside = sum(word.box.contains(*point, slack=1.2) for point in line.points)
            if inside:
                yield inside, f"{_called(line)} runs through '{word.text}'"


def covered_words(picture: Picture) -> Iterator[Offence]:
    """Yield pairs of words that cover each other."""
    for one, other in itertools.combinations(picture.words, 2):
        if one.box.overlaps(other.box, slack=1.0):
            yield _depth(one.box, other.box), f"'{one.text}' and '{other.text}' cover each other"


def off_the_page(picture: Picture) -> Iterator[Offence]:
    """Yield boxes, words and lines that are not wholly on the canvas."""
    page = Box(0.0, 0.0, picture.width, picture.height)
    for node in picture.nodes.values():
        if not page.holds(node.box, slack=0.0):
            yield _out(page, node.box), f"{node.id} leaves the page"
    for word in picture.words:
        if not page.holds(word.box, slack=0.0):
            yield _out(page, word.box), f"'{word.text}' leaves the page"
    for line in picture.lines:
        beyond = max(_beyond(page, point) for point in line.points)
        if beyond > 0:
            yield beyond, f"{_called(line)} leaves the page"


def lost_heads(picture: Picture) -> Iterator[Offence]:
    """Yield lines whose arrowhead is missing, off its target, under a box, or has no room."""
    for line in picture.lines:
        if line.head is None:
            if not _goes_on(picture, line):
                yield picture.width, f"{_called(line)} has no arrowhead"
            continue
        head = line.head
        target = picture.nodes.get(line.target) or picture.frames.get(line.target)
        stack = _stack(picture, target) if target else []
        off = min((_from_border(node.box, head.tip) for node in stack), default=picture.width)
        if off > 1.5:
            yield off, f"{_called(line)} ends {off:.0f} pt off its target"
        for node in picture.nodes.values():
            if node.box.contains(*head.middle, slack=0.3):
                yield head.length, f"the head of {_called(line)} lies under {node.id}"
        # Where the last piece is shorter than the head, the line bends beside it or under it.
        aside = min(_from_piece(head.foot, *piece) for piece in itertools.pairwise(line.points))
        if aside > 0.6:
            yield aside, f"{_called(line)} bends {aside:.1f} pt beside its head"


def _called(line: Line) -> str:
    return f"{line.source} → {line.target}"


def _goes_on(picture: Picture, line: Line) -> bool:
    """Tell whether a line is the first piece of one that goes on, from a fork, to its head."""
    return any(
        hypot(rest.points[0][0] - line.points[-1][0], rest.points[0][1] - line.points[-1][1]) < 0.5
        for rest in picture.lines
        if rest.head is not None and (rest.source, rest.target) == (line.source, line.target)
    )


def _stack(picture: Picture, node: Node) -> list[Node]:
    """Return a box and those that it forms a stack with: as wide, and touching one of them."""
    found, waiting = [node], [node.box]
    while waiting:
        box = waiting.pop()
        for other in picture.nodes.values():
            if other not in found and _touch(box, other.box):
                found.append(other)
                waiting.append(other.box)
    return found


def _touch(one: Box, other: Box) -> bool:
    alike = abs(one.x - other.x) < 0.5 and abs(one.width - other.width) < 0.5
    return alike and min(abs(one.bottom - other.y), abs(other.bottom - one.y)) < 0.5


def _from_border(box: Box, point: Point) -> float:
    """Return how far a point is from a box's border, from inside or outside."""
    outside = _beyond(box, point)
    if outside > 0:
        return outside
    x, y = point
    return min(x - box.x, box.right - x, y - box.y, box.bottom - y)


def _beyond(box: Box, point: Point) -> float:
    """Return how far a point is outside of a box, 0 inside."""
    x, y = point
    return hypot(max(box.x - x, x - box.right, 0.0), max(box.y - y, y - box.bottom, 0.0))


def _from_piece(point: Point, start: Point, end: Point) -> float:
    """Return how far a point is from a straight piece of a line."""
    along = (end[0] - start[0], end[1] - start[1])
    square = along[0] ** 2 + along[1] ** 2
    ahead = (point[0] - start[0]) * along[0] + (point[1] - start[1]) * along[1]
    part = min(max(ahead / square, 0.0), 1.0) if square else 0.0
    return hypot(point[0] - start[0] - part * along[0], point[1] - start[1] - part * along[1])


def _out(box: Box, inner: Box) -> float:
    """Return how far a box reaches out of another."""
    return max(box.x - inner.x, inner.right - box.right, box.y - inner.y, inner.bottom - box.bottom)


def _depth(one: Box, other: Box) -> float:
    """Return how deep two boxes overlap."""
    across = min(one.right, other.right) - max(one.x, other.x)
    return min(across, min(one.bottom, other.bottom) - max(one.y, other.y))
