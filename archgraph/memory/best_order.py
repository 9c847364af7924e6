"""The order of the nodes that needs the least memory, found by search over what has run.

What lies in memory depends only on which nodes have run, not on their order. The best order is
therefore a path through the sets of nodes that may have run, whose largest step is smallest: a
best-first search finds it. A node that frees at least as much as it makes, and needs no new peak,
runs at once: whatever comes later is no worse for it.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count

from archgraph.memory.places import Places
from archgraph.memory.timeline import timeline

__all__ = ["Best", "best_order"]

MOST = 20_000
"""Sets of nodes that are looked at before the search is cut."""

BESIDE = 48
"""Orders that are followed beside each other where the search was cut."""


@dataclass(frozen=True, slots=True)
class Best:
    """An order and its peak in bytes; ``proven`` says that no order needs less."""

    order: tuple[str, ...]
    peak: int
    proven: bool


class _Search:
    """Numbers for names, so that a set of nodes is one integer."""

    def __init__(self, places: Places, order: list[str], in_place: bool) -> None:
        self.names = order
        number = {name: at for at, name in enumerate(order)}
        self.sizes = [place.bytes or 0 for place in places.places]
        self.readers = [sum(1 << number[name] for name in place.readers) for place in places.places]
        self.kept = [place.kept for place in places.places]
        self.reads = [places.reads[name] for name in order]
        self.makes = [places.makes[name] for name in order]
        self.over = [places.over.get(name) if in_place else None for name in order]

    def after(self, done: int, live: int, node: int) -> tuple[int, int]:
        """Return the bytes held while a node runs, and those after it."""
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
    places: Places, order: list[str], before: dict[str, list[str]], *, in_place: bool = False
) -> Best:
    """Return the order with the smallest peak, or the best that was found.

    ``order`` is one that is possible; ``before`` are the nodes that each must follow.
    """
    start = timeline(places, order, in_place=in_place)
    search = _Search(places, order, in_place)
    number = {name: at for at, name in enumerate(order)}
    needs = [sum(1 << number[each] for each in before[name]) for name in order]
    floor = _floor(search)
    if start.peak <= floor:
        return Best(tuple(order), start.peak, True)
    found = _exact(search, needs, start.peak)
    if found is None:
        found = _beam(search, needs)
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


def _ready(needs: list[int], done: int) -> list[int]:
    return [node for node, need in enumerate(needs) if not done >> node & 1 and not need & ~done]


def _settled(
    search: _Search, needs: list[int], done: int, live: int, peak: int, path: tuple[int, ...]
) -> tuple[int, int, tuple[int, ...]]:
    """Run all that frees as much as it makes without a new peak."""
    going = True
    while going:
        going = False
        for node in _ready(needs, done):
            during, left = search.after(done, live, node)
            if left <= live and during <= peak:
                done, live, path, going = done | 1 << node, left, (*path, node), True
    return done, live, path


def _exact(search: _Search, needs: list[int], known: int) -> list[str] | None:
    """Return the best order; None where too many sets of nodes would have to be looked at."""
    whole = (1 << len(needs)) - 1
    tie = count()
    links: dict[int, tuple[int, tuple[int, ...]]] = {}
    done, live, path = _settled(search, needs, 0, 0, 0, ())
    links[done] = (-1, path)
    waiting = [(0, next(tie), done, live)]
    seen: set[int] = set()
    best = {done: 0}
    while waiting:
        peak, _, done, live = heapq.heappop(waiting)
        if done in seen:
            continue
        seen.add(done)
        if done == whole:
            return [search.names[node] for node in _path(links, done)]
        if len(seen) > MOST:
            return None
        for node in _ready(needs, done):
            during, left = search.after(done, live, node)
            now = max(peak, during)
            if now > known:
                continue
            then, rest, path = _settled(search, needs, done | 1 << node, left, now, (node,))
            if then not in seen and now < best.get(then, now + 1):
                best[then] = now
                links[then] = (done, path)
                heapq.heappush(waiting, (now, next(tie), then, rest))
    return None


def _path(links: dict[int, tuple[int, tuple[int, ...]]], done: int) -> list[int]:
    parts = []
    while done >= 0:
        done, path = links[done]
        parts.append(path)
    return [node for path in reversed(parts) for node in path]


def _beam(search: _Search, needs: list[int]) -> list[str]:
    """Return a good order: the best few at each step are followed."""
    states: list[tuple[int, int, int, tuple[int, ...]]] = [(0, 0, 0, ())]  # peak, live, done, path
    total = len(needs)
    while len(states[0][3]) < total:
        found: dict[int, tuple[int, int, int, tuple[int, ...]]] = {}
        for peak, live, done, path in states:
            for node in _ready(needs, done):
                during, left = search.after(done, live, node)
                now = (max(peak, during), left, done | 1 << node, (*path, node))
                if now[2] not in found or now < found[now[2]]:
                    found[now[2]] = now
        states = heapq.nsmallest(BESIDE, found.values())
    return [search.names[node] for node in states[0][3]]
