"""Reads a written SVG back as boxes, texts and lines, to measure what a reader sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import dist
from xml.etree import ElementTree

from svg.path import parse_path

__all__ = ["SVG", "Box", "Head", "Line", "Node", "Picture", "Point", "Word", "read"]

SVG = "{http://www.w3.org/2000/svg}"

Point = tuple[float, float]


@dataclass
class Box:
    """An upright rectangle, in points from the page's upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.y + self.height

    def overlaps(self, other: Box, slack: float) -> bool:
        """Tell whether two boxes share more than a strip of ``slack``."""
        return (
            self.x < other.right - slack
            and other.x < self.right - slack
            and self.y < other.bottom - slack
            and other.y < self.bottom - slack
        )

    def holds(self, other: Box, slack: float) -> bool:
        """Tell whether another box reaches out of this by ``slack`` at most."""
        return (
            other.x >= self.x - slack
            and other.right <= self.right + slack
            and other.y >= self.y - slack
            and other.bottom <= self.bottom + slack
        )

    def contains(self, x: float, y: float, slack: float) -> bool:
        """Tell whether a point lies deeper inside than ``slack``."""
        return self.x + slack < x < self.right - slack and self.y + slack < y < self.bottom - slack


@dataclass
class Word:
    """A line of text, and the box that it takes; ``size`` is that of its font."""

    text: str
    size: float
    box: Box


@dataclass
class Node:
    """A box, or a frame around boxes, with the words in it."""

    id: str
    classes: list[str]
    box: Box
    words: list[Word]
    title: str
    data: dict[str, str] = field(default_factory=dict)
    """What ``data-*`` attributes say: operators, macs, params, repeat."""


@dataclass
class Head:
    """An arrowhead: the line goes in at its foot, towards its tip."""

    tip: Point
    foot: Point
    """The middle of the side that is opposite to the tip."""

    @property
    def length(self) -> float:
        """From the tip to the foot."""
        return dist(self.tip, self.foot)

    @property
    def middle(self) -> Point:
        """Half way between them."""
        return (self.tip[0] + self.foot[0]) / 2, (self.tip[1] + self.foot[1]) / 2


@dataclass
class Line:
    """A line between two boxes."""

    source: str
    target: str
    kind: str
    points: list[Point]
    head: Head | None = None


@dataclass
class Picture:
    """What a reader sees of an SVG."""

    width: float
    height: float
    title: str
    nodes: dict[str, Node] = field(default_factory=dict)
    frames: dict[str, Node] = field(default_factory=dict)
    """Frames around boxes, by the group's key."""
    lines: list[Line] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


def read(svg: str) -> Picture:
    """Return what an SVG shows; coordinates in points."""
    root = ElementTree.fromstring(svg)
    _, _, width, height = map(float, root.get("viewBox", "").split())
    picture = Picture(width, height, root.findtext(f"{SVG}title", ""))
    for element in root.iter(f"{SVG}text"):
        picture.words.append(_word(element))
    for group in root.iter(f"{SVG}g"):
        classes = (group.get("class") or "").split()
        name = group.get("id", "")
        if classes[:1] == ["node"]:
            picture.nodes[name] = _node(group, name, classes)
        elif classes[:1] == ["cluster"]:
            name = name.removeprefix("group ")
            picture.frames[name] = _node(group, name, classes)
    for group in root.iter(f"{SVG}g"):
        classes = (group.get("class") or "").split()
        if classes[:1] == ["edge"]:
            source, target = _ends(group.get("id", ""), picture.nodes)
            before = len(picture.lines)
            for part in group:
                if part.tag == f"{SVG}path":
                    points = flattened(part.get("d", ""))
                    picture.lines.append(Line(source, target, classes[1], points))
                elif part.tag == f"{SVG}polygon" and len(picture.lines) > before:
                    picture.lines[-1].head = _head(part.get("points", ""))
    return picture


def _node(group: ElementTree.Element, name: str, classes: list[str]) -> Node:
    words = [_word(element) for element in group.iter(f"{SVG}text")]
    box = _box(next(group.iter(f"{SVG}rect")))
    title = group.findtext(f"{SVG}title", "")
    data = {k.removeprefix("data-"): v for k, v in group.items() if k.startswith("data-")}
    return Node(name, classes, box, words, title, data)


def _ends(name: str, nodes: dict[str, Node]) -> tuple[str, str]:
    """Return source and target of an edge's id; ``~2`` is behind one that stands there again."""
    splits = [
        ("->".join(parts[:i]), "->".join(parts[i:]))
        for parts in (name.split("->"), re.sub(r"~\d+$", "", name).split("->"))
        for i in range(1, len(parts))
    ]
    known = (ends for ends in splits if all(end in nodes for end in ends))
    return next(known, splits[0] if splits else (name, ""))


def _head(corners: str) -> Head:
    """Return the head whose corners are written: the two sides at its tip are equally long."""
    points = [tuple(map(float, corner.split(","))) for corner in corners.split()]
    turns = [(points[i], points[i - 1], points[i - 2]) for i in range(3)]
    tip, one, other = min(turns, key=lambda t: abs(dist(t[0], t[1]) - dist(t[0], t[2])))
    return Head((tip[0], tip[1]), ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2))


def _box(rect: ElementTree.Element) -> Box:
    return Box(*(float(rect.get(key, "0")) for key in ("x", "y", "width", "height")))


def _word(element: ElementTree.Element) -> Word:
    from archgraph.exporters.pictures.text.widths import ASCENT, DESCENT, text_width

    text = "".join(element.itertext())
    size = float(element.get("font-size", "0"))
    wide = text_width(text, size, element.get("font-weight") == "bold")
    x, y = float(element.get("x", "0")), float(element.get("y", "0"))
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")]
    box = Box(x - wide * shift, y - ASCENT * size, wide, (ASCENT + DESCENT) * size)
    turn = re.match(r"rotate\((-?[\d.]+)", element.get("transform", ""))
    if turn and abs(float(turn[1])) == 90:
        # Turned to run upwards, the text begins at the bottom.
        top = y - wide * (1 - shift)
        box = Box(x - ASCENT * size, top, (ASCENT + DESCENT) * size, wide)
    return Word(text, size, box)


def flattened(path: str) -> list[Point]:
    """Return points along a path, at most a few points apart."""
    start, *parts = parse_path(path)
    points = [start.end, *(part.point(step / 40) for part in parts for step in range(1, 41))]
    return [(point.real, point.imag) for point in points]
