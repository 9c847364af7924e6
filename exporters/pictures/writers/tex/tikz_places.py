"""Where boxes stand: each beside another that it is joined to, where it can; their corners."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import dist, hypot

from ...drawing import Box, Group, Point
from .tikz_styles import node_box, number, word

__all__ = ["Placed", "Places", "point"]

NEAR = 0.03
"""Points that differ by less stand on one line, in points."""
REACH = 60.0
"""How far from a box a line may end that goes with it, in points."""
LATEST = 200
"""By how many of the boxes before it one may be placed that stands on no line with its own."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A node of the network: the name of its TikZ node, and where its box is."""

    name: str
    group: Group
    box: Box

    @property
    def centre(self) -> Point:
        """The middle of its box."""
        return self.box.x + self.box.width / 2, self.box.y + self.box.height / 2


class Places:
    """The boxes of one picture, whose coordinates grow upwards from its lower left corner."""

    def __init__(self, groups: Sequence[Group], height: float) -> None:
        self.height = height
        self.by_id: dict[str, list[Placed]] = {}
        self.all: list[Placed] = []
        taken: set[str] = set()
        for group in groups:
            box = node_box(group)
            if box is None:
                continue
            placed = Placed(_free(group.id, taken), group, box)
            self.all.append(placed)
            self.by_id.setdefault(group.id, []).append(placed)
        self.of = {id(each.group): each for each in self.all}
        self._down = sorted(self.all, key=lambda each: each.centre[1])
        self._tops = [each.centre[1] for each in self._down]

    def up(self, at: Point) -> Point:
        """Return a point with y upwards."""
        return at[0], self.height - at[1]

    def point(self, at: Point) -> str:
        """Return a point as TikZ takes it."""
        return point(self.up(at))

    def touched(self, ids: Sequence[str], at: Point, slack: float = 4.0) -> Placed | None:
        """Return the box of one of these nodes that a point touches."""
        for key in ids:
            for each in self.by_id.get(key, ()):
                x, y = at[0] - each.box.x, at[1] - each.box.y
                if -slack <= x <= each.box.width + slack and -slack <= y <= each.box.height + slack:
                    return each
        return None

    def beside(self, at: Point) -> Placed | None:
        """Return the box that is nearest to a point, if one is near."""
        low = bisect_left(self._tops, at[1] - REACH)
        high = bisect_right(self._tops, at[1] + REACH)
        near = [(_apart(each.box, at), place) for place, each in enumerate(self._down[low:high])]
        if not near or min(near)[0] > REACH:
            return None
        return self._down[low + min(near)[1]]

    def order(self, joined: Sequence[tuple[str, str]]) -> Iterator[tuple[Placed, str]]:
        """Yield each box with where it stands: beside one before it, on its row or its column."""
        near: dict[str, list[str]] = {}
        for source, target in joined:
            near.setdefault(target, []).append(source)
        for source, target in joined:
            near.setdefault(source, []).append(target)
        done: dict[str, list[Placed]] = {}
        rows: dict[int, Placed] = {}
        columns: dict[int, Placed] = {}
        before: deque[Placed] = deque(maxlen=LATEST)
        for each in self._along(joined):
            x, y = each.centre
            joints = [other for key in near.get(each.group.id, ()) for other in done.get(key, ())]
            beside = [rows.get(round(y * 20)), columns.get(round(x * 20))]
            lined = _lined(each, joints) or _lined(each, [one for one in beside if one])
            yield each, self._at(each, lined, [*joints, *before])
            before.append(each)
            done.setdefault(each.group.id, []).append(each)
            rows[round(y * 20)] = columns[round(x * 20)] = each

    def _along(self, joined: Sequence[tuple[str, str]]) -> list[Placed]:
        """Return the boxes in an order in which most stand behind what they read."""
        readers: dict[str, list[str]] = {}
        count = dict.fromkeys(self.by_id, 0)
        for source, target in dict.fromkeys(joined):
            if source in count and target in count and source != target:
                readers.setdefault(source, []).append(target)
                count[target] += 1
        ready = [key for key in self.by_id if not count[key]][::-1]
        found: dict[str, None] = {}
        while len(found) < len(self.by_id):
            if not ready:  # a circle: go on with the first that is left
                ready = [next(key for key in self.by_id if key not in found)]
            key = ready.pop()
            if key in found:
                continue
            found[key] = None
            for target in reversed(readers.get(key, ())):
                count[target] -= 1
                if not count[target]:
                    ready.append(target)
        return [each for key in found for each in self.by_id[key]]

    def _at(
        self, each: Placed, lined: Sequence[tuple[float, str, Placed]], others: Sequence[Placed]
    ) -> str:
        """Return the option that places a box."""
        if lined:
            gap, side, other = min(lined, key=lambda one: one[:2])
            return f"{side}={number(gap)}bp of {other.name}"
        if others:
            # Where a row begins, the box above it stays where it is when a row becomes longer.
            other = min(others, key=lambda one: dist(one.centre, each.centre))
            return f"at={{({self.from_centre(other, each.centre)})}}"
        return f"at={{{self.point(each.centre)}}}"

    def from_centre(self, placed: Placed, at: Point) -> str:
        """Return a point by how far it is from a box's centre."""
        (x, y), (a, b) = self.up(at), self.up(placed.centre)
        if abs(x - a) < NEAR and abs(y - b) < NEAR:
            return f"{placed.name}.center"
        return f"[shift={{{point((x - a, y - b))}}}]{placed.name}.center"

    def corners(self, box: Box) -> tuple[str, str] | None:
        """Return the lower left and upper right corner of a frame by the boxes in it."""
        low = bisect_left(self._tops, box.y)
        high = bisect_right(self._tops, box.y + box.height)
        inside = [
            each for each in self._down[low:high] if box.x < each.centre[0] < box.x + box.width
        ]
        if not inside:
            return None
        left = min(inside, key=lambda each: each.box.x)
        right = max(inside, key=lambda each: each.box.x + each.box.width)
        top = min(inside, key=lambda each: each.box.y)
        bottom = max(inside, key=lambda each: each.box.y + each.box.height)
        below = box.y + box.height - bottom.box.y - bottom.box.height
        beyond = box.x + box.width - right.box.x - right.box.width
        return (
            _corner((left, "west"), (bottom, "south"), (box.x - left.box.x, -below)),
            _corner((right, "east"), (top, "north"), (beyond, top.box.y - box.y)),
        )

    def anchor(self, placed: Placed, at: Point) -> str:
        """Return a point of a box's border: the middle of a side, or so far from it."""
        box, (x, y) = placed.box, at
        (cx, cy), off = placed.centre, 0.12
        sides = {
            "west": (box.x, cy), "east": (box.x + box.width, cy),
            "north": (cx, box.y), "south": (cx, box.y + box.height),
        }  # fmt: skip
        for side, (a, b) in sides.items():
            level = side in ("west", "east")
            if abs((x - a) if level else (y - b)) > off:
                continue
            shift = (b - y) if level else (x - a)
            if abs(shift) <= off:
                return f"({placed.name}.{side})"
            within = box.height if level else box.width
            if abs(shift) <= within / 2:
                key = "yshift" if level else "xshift"
                return f"([{key}={number(shift)}bp]{placed.name}.{side})"
        return f"({self.from_centre(placed, at)})"


def point(at: Point) -> str:
    """Return a point as TikZ takes it, y as it is."""
    return f"({number(at[0])},{number(at[1])})"


def _apart(box: Box, at: Point) -> float:
    """Return how far a point is from a box."""
    x = max(box.x - at[0], at[0] - box.x - box.width, 0.0)
    y = max(box.y - at[1], at[1] - box.y - box.height, 0.0)
    return hypot(x, y)


def _lined(each: Placed, others: Sequence[Placed]) -> list[tuple[float, str, Placed]]:
    """Return those on whose row or column a box stands: how far from it, on which side."""
    found = [(_side(other, each), other) for other in others]
    return [(side[1], side[0], other) for side, other in found if side]


def _side(one: Placed, other: Placed) -> tuple[str, float] | None:
    """Return on which side of ``one`` ``other`` stands, and how far; None off its lines."""
    a, b = one.box, other.box
    (x, y), (u, v) = one.centre, other.centre
    if abs(y - v) < NEAR and abs(x - u) > NEAR:
        return ("right", b.x - a.x - a.width) if u > x else ("left", a.x - b.x - b.width)
    if abs(x - u) < NEAR and abs(y - v) > NEAR:
        return ("below", b.y - a.y - a.height) if v > y else ("above", a.y - b.y - b.height)
    return None


def _corner(across: tuple[Placed, str], along: tuple[Placed, str], shift: Point) -> str:
    first, second = f"{across[0].name}.{across[1]}", f"{along[0].name}.{along[1]}"
    return f"[shift={{{point(shift)}}}]{first} |- {second}"


def _free(name: str, taken: set[str]) -> str:
    """Return a name that TikZ takes and that no other node has."""
    base = word(name)
    if base.startswith("current "):  # such as TikZ's own "current bounding box"
        base = f"node {base}"
    free, count = base, 1
    while free in taken:
        count += 1
        free = f"{base}-{count}"
    taken.add(free)
    return free
