"""Stages balanced by the memory that their devices hold: weights and the peak of activations."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate

from archgraph.answers.footprint.places import places_of
from archgraph.answers.splitting.linear_partition import Read, alive_at
from archgraph.graph import ArchGraph
from archgraph.parts import in_order
from archgraph.stored_tensors import learned_bytes

__all__ = ["memory_cuts", "memory_of_stages"]

Cost = Callable[[int, int], int]
"""What a stage of the units from one to before another takes; never less for a longer one."""


def memory_of_stages(net: ArchGraph, units: Sequence[Sequence[str]]) -> tuple[Cost, list[str]]:
    """Return what a device holds that runs some units, in bytes, and the outputs of unknown size.

    It is what ``archgraph memory`` says of that device at inference: the weights that it reads
    first, and the most of what it makes and reads that is held at once, in the order of the
    program. An output is held where it was made until its last reader has run, elsewhere until
    its last reader there has. A longer stage holds all that a shorter one does, and as long.
    """
    places = places_of(net)
    step = {name: number for number, name in enumerate(in_order(net))}
    unit_of = {name: number for number, unit in enumerate(units) for name in unit}
    learned = learned_bytes(net)
    weights = [0, *accumulate(sum(learned.get(name, 0) for name in unit) for unit in units)]
    end = len(step)
    touched: list[set[int]] = [set() for _ in units]
    spans: list[tuple[int, int, int]] = []  # bytes, step at which it is made, last step anywhere
    makers: list[int | None] = []
    readers: list[tuple[list[int], list[int]]] = []  # units in order, the last step up to each
    for number, place in enumerate(places.places):
        maker, last = place.output[0], max((step[name] for name in place.readers), default=0)
        spans.append((place.bytes or 0, step[maker], end if place.kept else max(last, step[maker])))
        makers.append(unit_of.get(maker))
        found = sorted((unit_of[name], step[name]) for name in place.readers if name in unit_of)
        steps = accumulate((at for _, at in found), max)
        readers.append(([unit for unit, _ in found], [*steps]))
        for name in (maker, *place.readers):
            if name in unit_of:
                touched[unit_of[name]].add(number)

    def cost(start: int, stop: int) -> int:
        events: dict[int, int] = {}
        for number in {each for unit in touched[start:stop] for each in unit}:
            size, made, last = spans[number]
            maker = makers[number]
            if maker is not None and not start <= maker < stop:
                reading, steps = readers[number]
                last = steps[bisect_left(reading, stop) - 1]
            events[made] = events.get(made, 0) + size
            events[last + 1] = events.get(last + 1, 0) - size
        live = peak = 0
        for at in sorted(events):
            live += events[at]
            peak = max(peak, live)
        return weights[stop] - weights[start] + peak

    return cost, [place.output[0] for place in places.places if place.bytes is None]


def memory_cuts(
    cost: Cost, reads: Sequence[Sequence[Read]], parts: int, *, slack: int = 0
) -> tuple[int, ...]:
    """Return where each part begins, for the smallest maximum of a cost that grows with the part.

    The maximum is searched as for weights that add up, which is exact. Each cut then lies where
    the least is alive of the places that it can have, the last cut first; with ``slack`` the
    maximum may be so many percent larger.
    """
    size = len(reads)
    low, high = max(cost(place, place + 1) for place in range(size)), cost(0, size)
    # With more memory no part ends earlier: each trial says where those between it and another lie.
    ends = [size - (parts - number) for number in range(parts + 1)]
    under, over = [0] * (parts + 1), ends
    while low < high:
        middle = (low + high) // 2
        found = _packed(cost, middle, under, over)
        if found[-1] == size:
            high, over = middle, found
        else:
            low, under = middle + 1, found
    most = low + low * slack // 100
    latest = _packed(cost, most, [0] * (parts + 1), ends)
    alive = alive_at(reads)
    cuts = [size]
    for number in range(parts - 1, 0, -1):
        stop = cuts[0]
        first = _first(number, stop - 1, partial(_fits, cost, most, stop))
        places = range(first, min(latest[number], stop - 1) + 1)
        cuts.insert(0, min(places, key=lambda place: (alive[place], -place)))
    return (0, *cuts[:-1])


def _packed(cost: Cost, most: int, under: Sequence[int], over: Sequence[int]) -> list[int]:
    """Return where each part ends, each as long as ``most`` allows, after a 0.

    The ends lie between ``under`` and ``over``, and so each part behind has a unit at least.
    """
    found = [0]
    for low, high in zip(under[1:], over[1:], strict=True):
        start = found[-1]
        first = max(low, start + 1)
        past = _first(first + 1, high + 1, partial(_exceeds, cost, most, start))
        found.append(past - 1)
    return found


def _fits(cost: Cost, most: int, stop: int, start: int) -> bool:
    return cost(start, stop) <= most


def _exceeds(cost: Cost, most: int, start: int, stop: int) -> bool:
    return cost(start, stop) > most


def _first(low: int, high: int, true: Callable[[int], bool]) -> int:
    """Return the first number from ``low`` to before ``high`` of which it is true, else ``high``.

    Once true, it stays so.
    """
    while low < high:
        middle = (low + high) // 2
        if true(middle):
            high = middle
        else:
            low = middle + 1
    return low
