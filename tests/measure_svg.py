"""Reads a written SVG back as boxes, texts and lines, to measure what a reader sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

from svg.path import parse_path

__all__ = ["Box", "Line", "Node", "Picture", "Word", "read"]

SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: Box, slack: float) -> bool:
        return (
            self.x < other.right - slack
            and other.x < self.right - slack
            and self.y < other.bottom - slack
            and other.y < self.bottom - slack
        )

    def holds(self, other: Box, slack: float) -> bool:
        return (
            other.x >= self.x - slack
            and other.right <= self.right + slack
            and other.y >= self.y - slack
            and other.bottom <= self.bottom + slack
        )

    def contains(self, x: float, y: float, slack: float) -> bool:
        return self.x + slack < x < self.right - slack and self.y + slack < y < self.bottom - slack


@dataclass
class Word:
    text: str
    size: float
    box: Box


@dataclass
class Node:
    id: str
    classes: list[str]
    box: Box
    words: list[Word]
    title: str


@dataclass
class Line:
    source: str
    target: str
    kind: str
    points: list[tuple[float, float]]


@dataclass
class Picture:
    width: float
    height: float
    title: str
    nodes: dict[str, Node] = field(default_factory=dict)
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
        if classes[:1] == ["node"]:
            name = group.get("id", "")
            words = [_word(e) for e in group.iter(f"{SVG}text")]
            box = _box(next(group.iter(f"{SVG}rect")))
            title = group.findtext(f"{SVG}title", "")
            picture.nodes[name] = Node(name, classes, box, words, title)
        elif classes[:1] == ["edge"]:
            source, _, target = group.get("id", "").partition("->")
            for path in group.iter(f"{SVG}path"):
                points = flattened(path.get("d", ""))
                picture.lines.append(Line(source, target, classes[1], points))
    return picture


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


def flattened(path: str) -> list[tuple[float, float]]:
    """Return points along a path, at most a few points apart."""
    start, *parts = parse_path(path)
    points = [start.end, *(part.point(step / 40) for part in parts for step in range(1, 41))]
    return [(point.real, point.imag) for point in points]
