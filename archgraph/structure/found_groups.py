"""Groups of operators that no name and no paper gives: found in the graph, in places of the tree.

Where a module holds many parts without further names, or a network has no names at all, its
operators are put in stages and blocks. They have ids of their own: ``stage2``, ``stage2.block1``,
below a module ``features/stage2``.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from archgraph.ops import Input
from archgraph.structure.flow_units import Units
from archgraph.structure.found_stages import MOST, branches_of, found_parts
from archgraph.structure.map_scales import Scale
from archgraph.structure.part import Part
from archgraph.structure.regions import Flow
from archgraph.structure.repeats import Motifs, period_of
from archgraph.wiring import WiredGraph

__all__ = ["found_in"]

UNROLLED = 64
"""One step of a loop that was written out has at most so many operators."""

UNROLLED_OFTEN = 4
"""A loop has at least so many steps."""


def found_in(
    net: WiredGraph,
    written: Mapping[str, int],
    members: Mapping[str, Sequence[str]],
    scale: Mapping[str, Scale],
    motifs: Motifs,
) -> list[str | Part]:
    """Return what a group consists of whose units are ``members``, where they are many.

    [] where they are few, or where they cannot be told apart any better.
    """
    units, ends = _units(net, written, members, scale, motifs)
    if units is None or told_apart(units, list(members)) <= MOST:
        return []
    found = _unwrapped(found_parts(units, ends))
    if all(isinstance(each, str) for each in found):
        own = [each for each in units.flow.order if each not in units.outside]
        found = _unwrapped(branches_of(units, ends)) or _cut_up(units, own)
        found = [each for each in found if each not in units.outside]
    if told_apart(units, found) > MOST:
        gathered = _gathered(units, found)
        found = gathered if told_apart(units, gathered) <= MOST else _cut_up(units, found)
        for each in found:
            if isinstance(each, Part):
                each.level = each.level or "stage"
    return [_bounded(units, each) if isinstance(each, Part) else each for each in found]


def _units(
    net: WiredGraph,
    written: Mapping[str, int],
    members: Mapping[str, Sequence[str]],
    scale: Mapping[str, Scale],
    motifs: Motifs,
) -> tuple[Units | None, list[str]]:
    """Return units and how data flows between them, and which of them data leaves.

    None for the units where they read each other in a cycle.
    """
    owner = {name: unit for unit, names in members.items() for name in names}
    within = sorted(owner, key=written.__getitem__)
    reads: dict[str, dict[str, None]] = {unit: {} for unit in members}
    readers: dict[str, dict[str, None]] = {unit: {} for unit in members}
    outside: dict[str, None] = {}
    ends: dict[str, None] = {}
    for name in within:
        unit = owner[name]
        for source in net.pred[name]:
            other = owner.get(source)
            if other is None:
                outside.setdefault(source)
                reads.setdefault(source, {})
                reads[unit].setdefault(source)
                readers.setdefault(source, {}).setdefault(unit)
            elif other != unit:
                reads[unit].setdefault(other)
                readers[other].setdefault(unit)
        if any(target not in owner for target in net.succ[name]) or not net.succ[name]:
            ends.setdefault(unit)
    first = {unit: min(written[n] for n in members.get(unit, (unit,))) for unit in reads}
    run = _topological(first, reads, readers)
    if run is None:
        return None, []
    whole = {**members, **{name: (name,) for name in outside}}
    units = Units(
        net,
        Flow(run, _fixed(reads), _fixed(readers)),
        whole,
        {unit: scale[names[-1]] for unit, names in whole.items()},
        motifs,
        {unit: index for index, unit in enumerate(run)},
        written,
        frozenset(outside),
        frozenset(ends),
    )
    returned = [owner[name] for name in net.outputs if name in owner and owner[name] in ends]
    return units, returned or list(ends)


def _fixed(beside: Mapping[str, Mapping[str, None]]) -> dict[str, tuple[str, ...]]:
    return {unit: tuple(others) for unit, others in beside.items()}


def _topological(
    first: Mapping[str, int],
    reads: Mapping[str, Mapping[str, None]],
    readers: Mapping[str, Mapping[str, None]],
) -> list[str] | None:
    """Return the units, each after all that it reads, else in the order of their ``first``."""
    waiting = {unit: len(sources) for unit, sources in reads.items()}
    ready = [(first[unit], unit) for unit, count in waiting.items() if not count]
    heapq.heapify(ready)
    found: list[str] = []
    while ready:
        _, unit = heapq.heappop(ready)
        found.append(unit)
        for reader in readers[unit]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, (first[reader], reader))
    return found if len(found) == len(waiting) else None


# ---- no part holds too much ---------------------------------------------------------------


def _bounded(units: Units, part: Part) -> Part:
    """Return a part in which each part holds few others, told apart by what they are."""
    waiting = [part]
    while waiting:
        each = waiting.pop()
        if told_apart(units, each.holds) > MOST:
            each.holds = _divided(units, each)
        waiting += [inner for inner in each.holds if isinstance(inner, Part)]
    return part


def told_apart(units: Units, holds: Sequence[str | Part]) -> int:
    """Return how many units and parts there are, parts alike in a row counted once."""
    known: dict[object, int] = {}
    signs = []
    for each in holds:
        alike = isinstance(each, Part) or units.op(each) is None
        sign = tuple(units.sign(unit) for unit in _in_order(units, each)) if alike else each
        signs.append(known.setdefault(sign, len(known)))
    count = at = 0
    while at < len(signs):
        size, times = period_of(signs, at)
        count += size
        at += size * times
    return count


def _in_order(units: Units, each: str | Part) -> list[str]:
    names = [each] if isinstance(each, str) else each.units()
    return sorted(names, key=units.place.__getitem__)


def _divided(units: Units, part: Part) -> list[str | Part]:
    """Return what a part holds in parts: its branches, else as a network of its own."""
    names = [each for each in part.holds if isinstance(each, str)]
    modules = any(units.op(name) is None for name in names)
    if len(names) < len(part.holds) or modules:
        held = _gathered(units, part.holds)
        fewer = len(held) > 1 and told_apart(units, held) <= MOST
        return held if fewer else _cut_up(units, part.holds)
    within = set(names)
    flow = units.flow.among(names)
    inner = replace(units, flow=flow, outside=frozenset(set(flow.order) - within))
    ends = [
        name
        for name in names
        if name in units.leaving or not within.issuperset(units.flow.readers[name])
    ]
    ends = ends or [name for name in names if not flow.readers[name]]
    for found in (branches_of(inner, ends), found_parts(inner, ends)):
        held = _unwrapped(found)
        for each in held:
            _inside(each)
        if 1 < len(held) < len(names) and told_apart(units, held) <= MOST:
            return held
    return _cut_up(units, part.holds)


def _unwrapped(found: list[str | Part]) -> list[str | Part]:
    """Return what the only part holds, where there is but one."""
    return found[0].holds if len(found) == 1 and isinstance(found[0], Part) else found


def _inside(each: str | Part) -> None:
    """Say that a part is none that a level shows: it lies in one."""
    if isinstance(each, Part):
        if each.level == "stage":
            each.what = "part"
        each.level = ""
        for inner in each.holds:
            _inside(inner)


def _gathered(units: Units, holds: Sequence[str | Part]) -> list[str | Part]:
    """Return the same, with the operators together that stand in a row and are no layers."""
    found: list[str | Part] = []
    for loose, row in itertools.groupby(holds, lambda each: _is_loose(units, each)):
        held = list(row)
        found += [Part("other operators", held)] if loose and len(held) > 1 else held
    return found


def _is_loose(units: Units, each: str | Part) -> bool:
    if isinstance(each, Part) or isinstance(units.op(each), Input):
        return False
    return units.op(each) is not None and not units.works(each)


def _cut_up(units: Units, holds: Sequence[str | Part]) -> list[str | Part]:
    """Return what a part holds in order, cut where a loop begins anew, else in equal pieces."""
    known: dict[object, int] = {}
    signs = [
        known.setdefault(tuple(map(units.sign, _in_order(units, each))), len(known))
        for each in holds
    ]
    found: list[str | Part] = []
    at = 0
    while at < len(holds):
        size, times = period_of(signs, at, UNROLLED)
        if size == 1 or times < UNROLLED_OFTEN:
            found.append(holds[at])
            at += 1
            continue
        end = at + size * times
        written_out = all(isinstance(each, str) for each in holds[at:end])
        step, loop = ("step", "loop") if written_out else ("part", "repeated part")
        steps = [Part(step, [*holds[start : start + size]]) for start in range(at, end, size)]
        found += [Part(loop, [*steps])] if size * times < len(holds) else steps
        at = end
    if len(found) < len(holds) and told_apart(units, found) <= MOST:
        return found
    count = min(MOST, -(-2 * len(found) // MOST))
    edges = [len(found) * number // count for number in range(count + 1)]
    return [Part("part", found[start:end]) for start, end in itertools.pairwise(edges)]
