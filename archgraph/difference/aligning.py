"""Two rows of nodes side by side: pairs in the same order whose likeness adds up to the most.

Small stretches are solved exactly (Needleman and Wunsch, 1970). Long ones are first cut at nodes
that can be mistaken for no other, as patience diff does, so that the time grows with their length.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields

from archgraph.difference.evidence import Evidence, Numbers
from archgraph.ops import Op

__all__ = ["aligned", "increasing"]

CELLS = 300_000
"""How many pairs of nodes of a stretch are compared at most: some tenths of a second."""

STRETCH = 300
"""How many nodes of two long rows are compared at a time where nothing tells more."""

SAME, KIND, SETTINGS, FAMILY, CALLED = 1000, 400, 200, 150, 60
"""What a pair is worth: with the same settings, of a kind, and more for each setting, …"""

SHAPE, NAMED, WORD = 50, 100, 3
"""… where it gives or is the same result, and is called the same: a word is no more than a hint."""

_Row = Sequence[Evidence]
_Stretch = tuple[int, int, int, int]


def aligned(first: _Row, second: _Row, numbers: Numbers) -> list[tuple[int, int]]:
    """Return pairs of places in the two rows, both increasing."""
    worth = _Worth(numbers)
    found: list[tuple[int, int]] = []
    waiting: list[_Stretch] = [(0, len(first), 0, len(second))]
    while waiting:
        a, b, c, d = waiting.pop()
        while a < b and c < d and _surely(first[a], second[c]):
            found.append((a, c))
            a, c = a + 1, c + 1
        while a < b and c < d and _surely(first[b - 1], second[d - 1]):
            b, d = b - 1, d - 1
            found.append((b, d))
        if (b - a) * (d - c) <= CELLS:
            pairs = _best(first[a:b], second[c:d], worth)
        elif cuts := _cut(first[a:b], second[c:d]):
            waiting += [(a + i, a + j, c + k, c + n) for i, j, k, n in cuts]
            continue
        else:
            pairs = _step_by_step(first[a:b], second[c:d], worth)
        found += [(a + i, c + j) for i, j in pairs]
    return sorted(found)


def _surely(one: Evidence, other: Evidence) -> bool:
    return one.op == other.op and one.word == other.word


def _best(first: _Row, second: _Row, worth: _Worth) -> list[tuple[int, int]]:
    """Return the pairs whose worth adds up to the most; of several, those that come first."""
    wide = len(second)
    before = [0] * (wide + 1)
    ways: list[bytearray] = []
    rows: dict[tuple[int, int, int], list[int]] = {}
    called = {each.word: place for place, each in enumerate(second)}
    for one in first:
        sort = one.op, one.gives, one.returned
        if sort not in rows:
            rows[sort] = [worth.unnamed(one, other) for other in second]
        scores = rows[sort]
        if one.word in called:
            place = called[one.word]
            scores = [*scores]
            scores[place] = worth.named(one, second[place])
        row, way, left = [0], bytearray(wide), 0
        for place, score in enumerate(scores):
            up = before[place + 1]
            both = before[place] + score
            if both > up and both > left:
                left = both
                way[place] = 2
            elif up >= left:
                left = up
                way[place] = 1
            row.append(left)
        before = row
        ways.append(way)
    found, i, j = [], len(first), wide
    while i and j:
        step = ways[i - 1][j - 1]
        if step == 2:
            i, j = i - 1, j - 1
            found.append((i, j))
        elif step == 1:
            i -= 1
        else:
            j -= 1
    return found


def _step_by_step(first: _Row, second: _Row, worth: _Worth) -> list[tuple[int, int]]:
    """Return pairs of two long rows in which nothing tells where: the best of each next stretch.

    Of each only the first half is kept, for its end does not know what comes behind it.
    """
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(first) and j < len(second):
        pairs = _best(first[i : i + STRETCH], second[j : j + STRETCH], worth)
        last = len(first) - i <= STRETCH and len(second) - j <= STRETCH
        half = STRETCH if last else STRETCH // 2
        kept = sorted(pair for pair in pairs if max(pair) < half)
        found += [(i + one, j + other) for one, other in kept]
        if last or not kept:
            i, j = i + half, j + half
        else:
            i, j = i + kept[-1][0] + 1, j + kept[-1][1] + 1
    return found


class _Worth:
    """What pairs are worth; two operators are compared once."""

    def __init__(self, numbers: Numbers) -> None:
        self._ops = numbers.ops
        self._known: dict[tuple[int, int], int] = {}

    def unnamed(self, one: Evidence, other: Evidence) -> int:
        """Return what a pair is worth whatever it is called; 0 for what cannot be one."""
        ops = one.op, other.op
        if ops not in self._known:
            self._known[ops] = _alike(self._ops[one.op], self._ops[other.op])
        found = self._known[ops]
        if found:
            found += SHAPE if one.gives == other.gives else 0
            found += SHAPE if one.returned == other.returned != 0 else 0
        return found

    def named(self, one: Evidence, other: Evidence) -> int:
        """Return what a pair is worth of which both are called the same."""
        found = self.unnamed(one, other)
        if not found:
            return 0 if "input" in (one.family, other.family) else CALLED
        return found + (WORD if one.op == other.op else NAMED)


def _alike(one: Op, other: Op) -> int:
    if one is other or (type(one) is type(other) and one == other):
        return SAME
    if type(one) is type(other):
        names = [field.name for field in fields(one)]
        equal = sum(bool(getattr(one, name) == getattr(other, name)) for name in names)
        return KIND + SETTINGS * equal // len(names)
    return FAMILY if one.family == other.family and one.family != "other" else 0


# ---- cutting a long stretch -----------------------------------------------------------------


def _cut(first: _Row, second: _Row) -> list[_Stretch]:
    """Return the stretches at and between nodes that are alone of their sort in both rows."""
    for sign in _signs():
        anchors = increasing(_alone(sign(first), sign(second)))
        if anchors:
            found, i, j = [], 0, 0
            for a, b in anchors:
                found += [(i, a, j, b), (a, a + 1, b, b + 1)]
                i, j = a + 1, b + 1
            found.append((i, len(first), j, len(second)))
            return [each for each in found if each[0] < each[1] and each[2] < each[3]]
    return []


_Sign = Callable[[_Row], list[object]]


def _signs() -> Iterator[_Sign]:
    """Yield what nodes are told by, the surest first: what is above, below, around, names."""
    yield lambda row: [each.above for each in row]
    yield lambda row: [each.below for each in row]
    yield from (_around(16), _around(4))
    yield lambda row: [(each.op, each.word) for each in row]
    yield lambda row: [(each.kind, each.word) for each in row]
    yield from (_around(1), _around(0))


def _around(reach: int) -> _Sign:
    def sign(row: _Row) -> list[object]:
        ops = [each.op for each in row]
        return [tuple(ops[max(0, i - reach) : i + reach + 1]) for i in range(len(ops))]

    return sign


def _alone(first: Sequence[object], second: Sequence[object]) -> list[tuple[int, int]]:
    """Return the places of what stands once in each of two rows, in the order of the first."""
    places: list[dict[object, int]] = []
    for row in (first, second):
        found: dict[object, int] = {}
        for place, sign in enumerate(row):
            found[sign] = -1 if sign in found else place
        places.append(found)
    return [
        (place, places[1][sign])
        for sign, place in places[0].items()
        if place >= 0 and places[1].get(sign, -1) >= 0
    ]


def increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of pairs, increasing in the first place, that is so in both."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [second]
        last[length : length + 1] = [index]
    found, index = [], last[-1] if last else -1
    while index >= 0:
        found.append(pairs[index])
        index = before[index]
    return found[::-1]
