"""The order of the nodes that needs the least memory, found by search over what has run.

What lies in memory depends only on which nodes have run, not on their order. The best order is
therefore a path through the sets of nodes that may have run, whose largest step is smallest: a
best-first search finds it. A node that frees at least as much as it makes, and needs no new peak,
runs at once: whatever comes later is no worse for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from archgraph.answers.footprint.places import Places
from archgraph.answers.footprint.timeline import timeline

__all__ = ["Best", "best_order"]

LOOKS = 200_000
"""Steps that are looked at before the search is cut, and about as many after that."""

BESIDE = 48
"""Orders that are followed beside each other where the search was cut, at most.

They are fewer where there are many steps, or many nodes may run at each.
"""


Path = tuple[int, Any] | None
"""Nodes that ran, the last of them first: (node, those before it)."""


@dataclass(frozen=True, slots=True)
class Best:
    """An order and its peak in bytes; ``proven`` says that no order needs less."""

    order: tuple[str, ...]
    peak: int
    proven: bool


class _Search:
    """Numbers for names, so that a set of nodes is one integer."""

    def __init__(
        self,
        places: Places,
        order: list[str],
        before: Mapping[str, Sequence[str]],
        in_place: bool,
    ) -> None:
        self.names = order
        self.looks = 0
        number = {name: at for at, name in enumerate(order)}
        self.needs = [sum({1 << number[each] for each in before[name]}) for name in order]
        self.then: list[list[int]] = [[] for _ in order]
        for at, name in enumerate(order):
            for each in dict.fromkeys(before[name]):
                self.then[number[each]].append(at)
        self.first = sum(1 << at for at, need in enumerate(self.needs) if not need)
        self.sizes = [place.bytes or 0 for place in places.places]
        self.readers = [sum(1 << number[name] for name in place.readers) for place in places.places]
        self.kept = [place.kept for place in places.places]
        self.reads = [places.reads[name] for name in order]
        self.makes = [places.makes[name] for name in order]
        self.over = [places.over.get(name) if in_place else None for name in order]

    def ran(self, done: int, ready: int, node: int) -> tuple[int, int]:
        """Return what has run and what may run after a node."""
        done |= 1 << node
        ready &= ~(1 << node)
        for each in self.then[node]:
            if not self.needs[each] & ~done:
                ready |= 1 << each
        return done, ready

    def named(self, path: Path) -> list[str]:
        """Return the names of the nodes that ran, in order."""
        found = []
        while path is not None:
            node, path = path
            found.append(self.names[node])
        return found[::-1]

    def after(self, done: int, live: int, node: int) -> tuple[int, int]:
        """Return the bytes held while a node runs, and those after it."""
        self.looks += 1
        made = sum(self.sizes[place] for place in self.makes[node])
        now = done | 1 << node
        freed = sum(
            self.sizes[place]
            for place in {*self.reads[node], *self.makes[node]}
            if not self.kept[place] and not self.readers[place] & ~now
        )
        during = live + made
        over = self.over[node]
        if over is not None and not self.kept[over] and not self.readers[over] & ~now:
            during -= self.sizes[over]
        return during, live + made - freed


def best_order(
    places: Places,
    order: list[str],
    before: Mapping[str, Sequence[str]],
    *,
    in_place: bool = False,
) -> Best:
    """Return the order with the smallest peak, or the best that was found.

    ``order`` is one that is possible; ``before`` are the nodes that each must follow.
    """
    start = timeline(places, order, in_place=in_place)
    search = _Search(places, order, before, in_place)
    floor = _floor(search)
    if start.peak <= floor:
        return Best(tuple(order), start.peak, True)
    found = _exact(search, start.peak)
    if found is None:
        found = _beam(search)
        peak = timeline(places, found, in_place=in_place).peak
        if peak >= start.peak:
            return Best(tuple(order), start.peak, False)
        return Best(tuple(found), peak, peak <= floor)
    peak = timeline(places, found, in_place=in_place).peak
    return Best(tuple(found), peak, True)


def _floor(search: _Search) -> int:
    """Return what every order needs: all that one node reads and makes."""
    most = 0
    for node in range(len(search.names)):
        together = {*search.reads[node], *search.makes[node]}
        over = search.over[node]
        most = max(most, sum(search.sizes[p] for p in together if p != over))
    return most


def _bits(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, the lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _settled(
    search: _Search, done: int, ready: int, live: int, peak: int, path: Path
) -> tuple[int, int, int, Path]:
    """Run all that frees as much as it makes without a new peak."""
    going = True
    while going:
        going = False
        for node in _bits(ready):
            during, left = search.after(done, live, node)
            if left <= live and during <= peak:
                done, ready = search.ran(done, ready, node)
                live, path, going = left, (node, path), True
    return done, ready, live, path


def _exact(search: _Search, known: int) -> list[str] | None:
    """Return the best order; None where too many sets of nodes would have to be looked at."""
    whole = (1 << len(search.names)) - 1
    tie = count()
    done, ready, live, path = _settled(search, 0, search.first, 0, 0, None)
    waiting = [(0, next(tie), done, ready, live, path)]
    seen: set[int] = set()
    best = {done: 0}
    while waiting:
        peak, _, done, ready, live, path = heapq.heappop(waiting)
        if done in seen:
            continue
        seen.add(done)
        if done == whole:
            return search.named(path)
        if search.looks > LOOKS:
            return None
        for node in _bits(ready):
            during, left = search.after(done, live, node)
            now = max(peak, during)
            if now > known:
                continue
            then, open_, rest, way = _settled(
                search, *search.ran(done, ready, node), left, now, (node, path)
            )
            if then not in seen and now < best.get(then, now + 1):
                best[then] = now
                heapq.heappush(waiting, (now, next(tie), then, open_, rest, way))
    return None


def _beam(search: _Search) -> list[str]:
    """Return a good order: the best few at each step are followed."""
    states: list[tuple[int, int, int, int, Path]] = [(0, 0, 0, search.first, None)]
    total = len(search.names)
    for _ in search.names:
        before = search.looks
        found: dict[int, tuple[int, int, int, int, Path]] = {}
        for peak, live, done, ready, path in states:
            for node in _bits(ready):
                during, left = search.after(done, live, node)
                then, open_ = search.ran(done, ready, node)
                most = max(peak, during)
                if then not in found or (most, left) < found[then][:2]:
                    found[then] = (most, left, then, open_, (node, path))
        each = max((search.looks - before) // len(states), 1)
        beside = max(min(BESIDE, LOOKS // (total * each)), 1)
        states = heapq.nsmallest(beside, found.values(), key=_first_three)
    return search.named(states[0][4])


def _first_three(state: tuple[int, int, int, int, Path]) -> tuple[int, int, int]:
    return state[:3]
