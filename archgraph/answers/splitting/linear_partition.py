"""A row of weights cut into contiguous parts: the smallest maximum, then the least traffic."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

__all__ = ["Cuts", "Read", "alive_at", "best_cuts", "smallest_maximum"]

WORK = 2_000_000
"""Steps that the search for the least traffic takes, about: a few seconds."""

MOST = 64
"""Places that are tried for one cut, where there are more of them."""


class Read(NamedTuple):
    """What an element of the row reads: the number of a tensor, who made it, its bytes."""

    tensor: int
    maker: int
    bytes: int


class Cuts(NamedTuple):
    """Where each part begins, the first at 0, and the smallest maximum that there is.

    ``all_tried`` says whether every place for every cut was tried, so that no other cuts within
    that maximum have less traffic.
    """

    starts: tuple[int, ...]
    least: int
    all_tried: bool


def smallest_maximum(weights: Sequence[int], parts: int) -> int:
    """Return the smallest maximum over all cuts of a row into at most so many contiguous parts.

    This is the linear partition problem (Skiena, The Algorithm Design Manual, section 10.7): the
    answer is searched between the largest weight and the sum, each trial packs parts greedily, so
    it is exact. ``weights`` are whole numbers of at least 0.
    """
    sums = [0, *accumulate(weights)]
    low, high = max(weights, default=0), sums[-1]
    low = max(low, -(-high // parts))
    while low < high:
        middle = (low + high) // 2
        if _packed(sums, parts, middle):
            high = middle
        else:
            low = middle + 1
    return low


def _packed(sums: Sequence[int], parts: int, most: int) -> bool:
    """Return whether so many parts of at most ``most`` hold the row."""
    place = 0
    for _ in range(parts):
        place = bisect_right(sums, sums[place] + most) - 1
        if place >= len(sums) - 1:
            return True
    return False


def best_cuts(
    weights: Sequence[int], reads: Sequence[Sequence[Read]], parts: int, *, slack: int = 0
) -> Cuts:
    """Return the cuts with the least traffic of those with the smallest maximum.

    With ``slack`` the maximum may be so many percent larger. Every part has some weight: there
    must be as many weights above 0 as parts. Traffic is what each part reads that was made in one
    before, each tensor once; of cuts with the same, the later ones are taken, so that what weighs
    nothing follows what it reads. Where a cut may lie at more than ``MOST`` places, those with the
    least alive across them are tried.
    """
    sums = [0, *accumulate(weights)]
    heavy = [0, *accumulate(weight > 0 for weight in weights)]
    least = smallest_maximum(weights, parts)
    largest = least + least * slack // 100
    last = _latest(sums, heavy, parts, largest)
    first = _earliest(sums, heavy, parts, largest)
    tried, all_tried = _tried(reads, first, last)
    layers: list[dict[int, tuple[int, int]]] = [{0: (0, 0)}]
    for ends in [*tried, [len(weights)]]:
        found: dict[int, tuple[int, int]] = {}
        for start, (before, _) in sorted(layers[-1].items(), reverse=True):
            stop = bisect_right(sums, sums[start] + largest) - 1
            for end, received in _received(reads, start, [e for e in ends if start < e <= stop]):
                better = end not in found or before + received < found[end][0]
                if better and sums[end] > sums[start]:
                    found[end] = (before + received, start)
        layers.append(found)
    starts, end = [], len(weights)
    for layer in reversed(layers[1:]):
        end = layer[end][1]
        starts.append(end)
    return Cuts(tuple(reversed(starts)), least, all_tried)


def _tried(
    reads: Sequence[Sequence[Read]], first: list[int], last: list[int]
) -> tuple[list[list[int]], bool]:
    """Return the places that are tried for each cut, and whether those are all."""
    alive = alive_at(reads)
    before = [0, *accumulate(len(each) + 1 for each in reads)]
    ends = [*last[2:], len(reads)]
    steps = sum(before[end] - before[start] for start, end in zip(first[1:], ends, strict=True))
    most = max(1, min(MOST, WORK // (steps + 1)))
    tried, all_tried = [], True
    for early, late in zip(first[1:], last[1:], strict=True):
        places = list(range(early, late + 1))
        if len(places) > most:
            all_tried = False
            best = sorted(places, key=lambda place: (alive[place], -place))[: most - 1]
            places = sorted({*best, late})  # the packed cuts fit together, whatever is best
        tried.append(places)
    return tried, all_tried


def _latest(sums: list[int], heavy: list[int], parts: int, most: int) -> list[int]:
    """Return the last place at which each part can begin: all before it packed full.

    As many weights as there are parts behind stay for these.
    """
    found = [0]
    for number in range(1, parts):
        place = bisect_right(sums, sums[found[-1]] + most) - 1
        left = bisect_right(heavy, heavy[-1] - (parts - number)) - 1
        found.append(min(place, left))
    return found


def _earliest(sums: list[int], heavy: list[int], parts: int, most: int) -> list[int]:
    """Return the first place at which each part can begin: all behind it packed full."""
    back = [sums[-1] - each for each in reversed(sums)]
    back_heavy = [heavy[-1] - each for each in reversed(heavy)]
    found = _latest(back, back_heavy, parts, most)
    return [0, *(len(sums) - 1 - each for each in reversed(found[1:]))]


def alive_at(reads: Sequence[Sequence[Read]]) -> list[int]:
    """Return the bytes of the tensors that are made before each place and read at it or behind."""
    last: dict[int, tuple[int, int, int]] = {}
    for place, each in enumerate(reads):
        for tensor, maker, size in each:
            last[tensor] = (maker, place, size)
    change = [0] * (len(reads) + 2)
    for maker, reader, size in last.values():
        change[maker + 1] += size
        change[reader + 1] -= size
    return list(accumulate(change))


def _received(
    reads: Sequence[Sequence[Read]], start: int, ends: Sequence[int]
) -> list[tuple[int, int]]:
    """Return for each of the ends what the part from ``start`` to it reads from before it."""
    found: list[tuple[int, int]] = []
    seen: set[int] = set()
    total = 0
    for begin, end in pairwise([start, *ends]):
        for place in range(begin, end):
            for tensor, maker, size in reads[place]:
                if maker < start and tensor not in seen:
                    seen.add(tensor)
                    total += size
        found.append((end, total))
    return found
