"""Pages as plain lists of numbers and words, in which nothing stands twice."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ...drawing import Box, Curve, Group, Item, Paint, Point, Polygon, Text
from ...pages import Page

__all__ = ["compact"]


class _Table:
    """Values by their numbers: equal ones have one."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Hashable, int] = {}

    def number(self, value: Any) -> int:
        sign = json.dumps(value, ensure_ascii=False)
        if sign not in self._numbers:
            self._numbers[sign] = len(self.values)
            self.values.append(value)
        return self._numbers[sign]


def compact(pages: Sequence[Page]) -> dict[str, Any]:
    """Return all that the page's script reads; ``page/network.js`` says what is where."""
    network = dict(pages[0].data["network"])
    kinds, groups, hows = _Table(), _Table(), _Table()
    rows = [
        [
            row["name"],
            row["label"],
            kinds.number(row["kind"]),
            groups.number(row["groups"]),
            hows.number(row["how"]),
        ]
        for row in network["rows"]
    ]
    number = {row[0]: index for index, row in enumerate(rows)}
    book = _Book(number, {p.data["picture"]["key"]: index for index, p in enumerate(pages)})
    places = [book.place(page) for page in pages]
    legend = dict(entry for page in pages for entry in page.data["picture"]["legend"])
    return network | {
        "rows": rows,
        "kinds": kinds.values,
        "groups": groups.values,
        "hows": hows.values,
        "paints": book.paints.values,
        "pens": book.pens.values,
        "fonts": book.fonts.values,
        "looks": book.looks.values,
        "scenes": book.scenes.values,
        "places": places,
        "legend": [[words, fill] for words, fill in legend.items()],
    }


class _Book:
    def __init__(self, rows: Mapping[str, int], places: Mapping[str, int]) -> None:
        self.rows, self.number_of = rows, places
        self.paints, self.pens, self.fonts = _Table(), _Table(), _Table()
        self.looks, self.scenes = _Table(), _Table()

    def place(self, page: Page) -> dict[str, Any]:
        """Return a picture: what its boxes are, and the number of its scene."""
        said, nodes, flows = page.data["picture"], page.data["nodes"], page.data["flows"]
        groups = {group.id: group for group in page.drawing.groups("node")}
        index = {key: number for number, key in enumerate(groups)}
        lines = [g for g in page.drawing.groups("edge") if g.ends]
        scene = {
            "boxes": [self.box(group) for group in groups.values()],
            "lines": [self.line(group, index) for group in lines],
            "frames": [
                self.frame(group, index, said["frames"]) for group in page.drawing.groups("cluster")
            ],
            "notes": [
                [self.item(item, (0.0, 0.0)) for item in group.items]
                for group in page.drawing.groups("note")
            ],
            "ports": [index[key] for key in said["ports"]],
        }
        opens = {
            index[key]: self.number_of[node["opens"]]
            for key, node in nodes.items()
            if node["opens"] is not None
        }
        own = dict.fromkeys(said["ports"], said["key"])  # a port is called by its end only
        return {
            "key": said["key"],
            "kind": said["kind"],
            "title": said["title"],
            "scene": self.scenes.number(scene),
            "ids": [self.rows.get(key, key.removeprefix(own.get(key, ""))) for key in groups],
            "heads": {index[key]: nodes[key]["head"] for key in groups if index[key] in opens},
            "rows": [_runs(nodes[key]["rows"]) for key in groups],
            "opens": opens,
            "flows": [_runs(flows.get(group.ends, ())) for group in lines],
        }

    def box(self, group: Group) -> list[Any]:
        """Return a box as its look, left and top."""
        first = group.items[0]
        assert isinstance(first, Box)
        at = (first.x, first.y)
        items = [self.item(item, at) for item in group.items]
        size = [_short(first.width), _short(first.height)]
        look = self.looks.number([" ".join(group.classes), *size, items])
        return [look, _short(first.x), _short(first.y)]

    def line(self, group: Group, index: Mapping[str, int]) -> list[Any]:
        """Return a line as its boxes, its pen (kind, paint, points of each segment), and its steps.

        A step is from one point to the next, in tenths: most are short, or along an axis.
        """
        assert group.ends is not None
        (curve,) = group.items
        assert isinstance(curve, Curve)
        source, target = (index[end] for end in group.ends)
        kind = [group.classes[1], self.paint(curve.paint), [*map(len, curve.segments)]]
        places = [[round(10 * each) for each in point] for point in curve.points]
        steps = [
            now - before
            for point, last in zip(places, [[0, 0], *places[:-1]], strict=True)
            for now, before in zip(point, last, strict=True)
        ]
        return [source, target, self.pens.number(kind), *steps]

    def frame(
        self, group: Group, index: Mapping[str, int], inside: Mapping[str, Sequence[str]]
    ) -> list[Any]:
        """Return a frame as its key, rectangle, paint, words, name, and the boxes in it."""
        box, *words = group.items
        assert isinstance(box, Box)
        key = group.id.removeprefix("group ")
        return [
            key,
            *map(_short, (box.x, box.y, box.width, box.height)),
            self.paint(box.paint),
            [self.item(item, (box.x, box.y)) for item in words],
            group.title,
            [index[name] for name in inside.get(key, ())],
        ]

    def item(self, item: Item, at: Point) -> list[Any]:
        """Return a shape or words, from a corner on."""
        if isinstance(item, Text):
            style = ("b" if item.bold else "") + ("i" if item.italic else "")
            x, y = _from(at, (item.x, item.y))
            look = [_short(item.size), item.anchor, style, item.color, item.rotate]
            return ["t", x, y, self.fonts.number(look), item.text]
        if isinstance(item, Box):
            x, y = _from(at, (item.x, item.y))
            size = map(_short, (item.width, item.height, item.rounding))
            return ["r", x, y, *size, self.paint(item.paint)]
        if isinstance(item, Curve):
            return ["p", _path(item, at), self.paint(item.paint)]
        assert isinstance(item, Polygon)
        start, *others = item.points
        closed = Curve(start, tuple((point,) for point in (*others, start)), item.paint)
        return ["p", _path(closed, at), self.paint(item.paint)]

    def paint(self, paint: Paint) -> int:
        """Return the number of fill, stroke, width, dashes and opacity."""
        look = [paint.fill, paint.stroke, _short(paint.width), [*map(_short, paint.dashes)]]
        return self.paints.number([*look, paint.opacity])


def _path(curve: Curve, at: Point) -> list[list[float]]:
    """Return the points of a line: its start, then each segment's, two numbers a point."""
    segments = [(curve.start,), *curve.segments]
    return [[each for point in segment for each in _from(at, point)] for segment in segments]


def _from(at: Point, point: Point) -> tuple[float, float]:
    return _short(point[0] - at[0]), _short(point[1] - at[1])


def _short(value: float) -> float:
    """Return a number with one digit behind the point: 1/10 pt is below a pixel."""
    short = round(value, 1)
    return int(short) if short == int(short) else short


def _runs(numbers: Sequence[int]) -> list[Any]:
    """Return rows of numbers with equal steps as first, count and step; else single ones."""
    found: list[Any] = []
    place = 0
    while place < len(numbers):
        step = numbers[place + 1] - numbers[place] if place + 1 < len(numbers) else 0
        count = 1
        while (
            place + count < len(numbers) and numbers[place + count] == numbers[place] + count * step
        ):
            count += 1
        if count > 2:
            found.append([numbers[place], count, step])
            place += count
        else:
            found.append(numbers[place])
            place += 1
    return found
