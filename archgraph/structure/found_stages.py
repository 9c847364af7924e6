"""What a graph without names consists of: stages by the size of its maps, and blocks in them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import networkx as nx

from archgraph.open_extents import Open
from archgraph.ops import Input
from archgraph.structure.acyclic import pieces
from archgraph.structure.flow_units import Units
from archgraph.structure.found_blocks import LAYER, blocks_of
from archgraph.structure.items import Item, items_of
from archgraph.structure.map_scales import CHANGED
from archgraph.structure.part import Part
from archgraph.structure.regions import connected, nested

__all__ = ["MOST", "TRANSITION", "branches_of", "found_parts"]

MOST = 20
"""A part that holds more is divided."""

FEW_LAYERS = 4
"""A step has at most so many layers on what comes in at its side, such as keys and values."""

TRANSITION = "transition"
"""What leads from one stage to the next, where that is more than one layer."""

SIDES = 8
"""How deep what comes in or leaves at the side of something at the side is told apart."""

SHORT = 6
"""With more layers, what comes before the first block is no stem, and what comes last no head."""


def found_parts(units: Units, ends: Sequence[str], depth: int = 0) -> list[str | Part]:
    """Return the parts of a network, and units of none, as its main chain has them in order.

    ``ends`` are what it returns, the main one first; ``depth`` at the side of how many others it
    stands.
    """
    main, aside = _main_and_aside(units, ends)
    found: list[str | Part] = [*_stages(units, main)]
    for names in aside:
        found += _aside(units, names, depth + 1)
    return sorted(found, key=lambda each: _first(units, each))


def _main_and_aside(units: Units, ends: Sequence[str]) -> tuple[list[Item], list[list[str]]]:
    """Return the steps of the main chain, and what comes in or leaves at the side."""
    nest = nested(units.flow, _furthest(units, ends), units.enters)
    items = items_of(units, nest.main)
    joined = _read_by_one(units, items, nest.entering)
    for index, names in joined.items():
        both = sorted((*names, *items[index].units), key=units.place.__getitem__)
        items[index] = replace(items[index], units=tuple(both))
    taken = {name for names in joined.values() for name in names} | units.outside
    aside = [
        part
        for names in (nest.entering, nest.leaving)
        for part in connected(units.flow, [name for name in names if name not in taken])
    ]
    return items, aside


def _read_by_one(
    units: Units, items: Sequence[Item], entering: Sequence[str]
) -> dict[int, list[str]]:
    """Return what only one step needs of what comes in at the side, by the step.

    That are constants and all that is made of them, and what is made for the step of something
    that others read, too: of a mask, of another network's result. What has an input of its own
    stands for itself.
    """
    owner: dict[str, int | None] = {
        name: index for index, item in enumerate(items) for name in item.units
    }
    near: dict[int, list[str]] = {}
    for name in reversed(entering):
        into = {owner.get(reader) for reader in units.flow.readers[name]}
        index = into.pop() if len(into) == 1 else None
        if index is not None and not units.is_given(name):
            owner[name] = index
            near.setdefault(index, []).append(name)
    found: dict[int, list[str]] = {}
    for index, names in near.items():
        for part in connected(units.flow, names):
            within = set(part)
            own = any(
                units.is_given(source) and within.issuperset(units.flow.readers[source])
                for name in part
                for source in units.flow.reads[name]
            )
            large = sum(units.works(name) for name in part if name not in units.made) > FEW_LAYERS
            kept = [name for name in part if name in units.made] if own or large else part
            if kept:
                found.setdefault(index, []).extend(kept)
    return found


def _aside(units: Units, names: Sequence[str], depth: int) -> list[str | Part]:
    """Return what lies beside the main chain: in parts of its own where it is large."""
    names = [name for name in names if name not in units.outside]
    if not any(map(units.works, names)):
        return [*names]
    inputs = [name for name in names if isinstance(units.op(name), Input)]
    if inputs:
        rest = [name for name in names if name not in inputs]
        return [
            *inputs,
            *(each for part in connected(units.flow, rest) for each in _aside(units, part, depth)),
        ]
    if len(names) == 1:
        return [*names]
    if len(names) <= MOST or depth > SIDES:
        return [Part("side branch", [*names], "stage")]
    flow = units.flow.among(names)
    outside = frozenset(set(flow.order) - set(names))
    part = replace(units, flow=flow, outside=outside)
    ends = [n for n in names if len(part.flow.readers[n]) < len(units.flow.readers[n])]
    ends = ends or [n for n in names if not units.flow.readers[n]]
    return found_parts(part, ends, depth)


def branches_of(units: Units, ends: Sequence[str]) -> list[str | Part]:
    """Return the branches of a block, and units of none; [] where it has none.

    They are all that lies between two nodes through which all data passes, the rest apart.
    """
    main = nested(units.flow, _furthest(units, ends), units.enters).main
    regions = [chains for chains in main.before.values() if len(chains) > 1]
    if not regions:
        return []
    chains = max(regions, key=lambda chains: sum(1 for chain in chains for _ in chain.within()))
    held = {name for chain in chains for name in chain.within()} | units.outside
    found: list[str | Part] = [name for name in units.flow.order if name not in held]
    dense = units.is_dense(chains)
    for chain in chains:
        names = sorted(chain.within(), key=units.place.__getitem__)
        what = "dense layer" if dense else "branch"
        found += [Part(what, [*names])] if len(names) > 1 else names
    return sorted(found, key=lambda each: _first(units, each))


def _first(units: Units, each: str | Part) -> int:
    names = [each] if isinstance(each, str) else each.units()
    return min(units.place[name] for name in names)


def _furthest(units: Units, ends: Sequence[str]) -> str:
    """Return the end that is furthest from what it is computed from; of several the first."""
    far: dict[str, int] = {}
    for name in units.flow.order:
        far[name] = 1 + max((far[source] for source in units.flow.reads[name]), default=0)
    return max(ends, key=far.__getitem__)


# ---- stages ------------------------------------------------------------------------------


def _stages(units: Units, items: Sequence[Item]) -> list[str | Part]:
    items = [item for item in items if item.last not in units.outside]
    inputs = [item.last for item in items if isinstance(units.op(item.last), Input)]
    rest = [item for item in items if not isinstance(units.op(item.last), Input)]
    held = [_Held(units, each) for each in _whole(units, blocks_of(units, _rows(rest)))]
    held.sort(key=lambda each: units.place[each.last])
    owner = {name: each for each in held for name in each.units}
    for each in held:
        each.sources = _others(each, owner, units.flow.reads)
        each.readers = _others(each, owner, units.flow.readers)
    _settle(units, held)
    return [*inputs, *_made(units, _together(held))]


def _whole(units: Units, found: Sequence[str | Part]) -> list[str | Part]:
    """Return blocks, but those that data leaves and comes back to in their units."""
    flow: nx.DiGraph[str] = nx.DiGraph()
    flow.add_nodes_from(units.flow.order)
    for name, sources in units.flow.reads.items():
        flow.add_edges_from((source, name) for source in sources)
    blocks = {str(number): each for number, each in enumerate(found) if isinstance(each, Part)}
    groups = {
        key: sorted(each.units(), key=units.place.__getitem__) for key, each in blocks.items()
    }
    owner = {name: key for key, names in groups.items() for name in names}
    whole: dict[str, list[str]] = {}
    for name in units.flow.order:
        whole.setdefault(owner.get(name, f"={name}"), []).append(name)
    broken = {key for key, parts in pieces(flow, whole).items() if len(parts) > 1}
    return [
        one
        for number, each in enumerate(found)
        for one in (groups[f"{number}"] if f"{number}" in broken else [each])
    ]


class _Held:
    """A block or a unit, and the scale of the stage that it belongs to."""

    def __init__(self, units: Units, each: str | Part) -> None:
        self.each = each
        self.units = [each] if isinstance(each, str) else list(each.units())
        self.last = max(self.units, key=units.place.__getitem__)
        self.op = units.op(self.last) if len(self.units) == 1 else None
        self.layers = sum(map(units.layers, self.units))
        self.scale = units.scale[self.last]
        self.sources: list[_Held] = []
        self.readers: list[_Held] = []

    @property
    def is_block(self) -> bool:
        return isinstance(self.each, Part) and self.each.what not in (LAYER, "gate")


def _others(
    each: _Held, owner: Mapping[str, _Held], beside: Mapping[str, Sequence[str]]
) -> list[_Held]:
    found = dict.fromkeys(owner[s] for n in each.units for s in beside[n] if s in owner)
    found.pop(each, None)
    return list(found)


def _rows(items: Sequence[Item]) -> list[list[Item]]:
    """Return steps in rows, in which each begins where the one before ends."""
    rows: dict[str, list[Item]] = {}
    found: list[list[Item]] = []
    for item in items:
        row = rows.pop(item.entry, None) if item.entry is not None else None
        if row is None:
            row = []
            found.append(row)
        row.append(item)
        rows[item.last] = row
    return found


def _settle(units: Units, held: Sequence[_Held]) -> None:
    """Let what makes maps smaller end a stage, and what does no arithmetic begin the next."""
    for each in held:
        if each.op is not None and each.op.family == "pool" and len(each.sources) == 1:
            (source,) = each.sources
            if len(source.readers) == 1 and 1 < each.scale.places < units.scale[source.last].places:
                each.scale = source.scale
    for each in reversed(held):
        if each.op is None or each.layers or len(each.readers) != 1:
            continue
        (reader,) = each.readers
        ends = each.scale != units.scale[each.last]  # it makes maps smaller
        belongs = each.op.family in ("activation", "norm", "regularisation") and any(
            source.layers and not source.is_block for source in each.sources
        )
        if not ends and not belongs:
            each.scale = reader.scale


def _together(held: Sequence[_Held]) -> list[list[_Held]]:
    """Return what hangs together and is on one scale; contracting it closes no cycle."""
    number = {each: index for index, each in enumerate(held)}
    joined = list(range(len(held)))

    def top(index: int) -> int:
        while joined[index] != index:
            joined[index] = joined[joined[index]]
            index = joined[index]
        return index

    for each in held:
        for source in each.sources:
            if source.scale == each.scale:
                one, other = sorted((top(number[each]), top(number[source])))
                joined[other] = one
    groups: dict[str, list[str]] = {}
    for each in held:
        groups.setdefault(str(top(number[each])), []).append(str(number[each]))
    flow: nx.DiGraph[str] = nx.DiGraph()
    flow.add_nodes_from(str(index) for index in number.values())
    for each in held:
        flow.add_edges_from((str(number[source]), str(number[each])) for source in each.sources)
    found = [part for parts in pieces(flow, groups).values() for part in parts]
    found.sort(key=lambda part: int(part[0]))
    return [[held[int(index)] for index in part] for part in found]


def _made(units: Units, stages: Sequence[list[_Held]]) -> list[str | Part]:
    """Return the stages, with all that comes before and after those of blocks as stem and head."""
    blocks = [index for index, stage in enumerate(stages) if any(e.is_block for e in stage)]
    middle = list(stages)
    stem: list[_Held] = []
    head: list[_Held] = []
    if blocks:
        first, last = blocks[0], blocks[-1]
        before = [each for stage in stages[:first] for each in stage]
        after = [each for stage in stages[last + 1 :] for each in stage]
        middle = list(stages[first : last + 1])
        if sum(each.layers for each in before) > SHORT:
            middle, before = [*stages[:first], *middle], []
        if sum(each.layers for each in after) > SHORT:
            middle, after = [*middle, *stages[last + 1 :]], []
        stem = before + _leading(middle[0])
        head = list(reversed(_leading(list(reversed(middle[-1]))))) + after
        middle[0] = [each for each in middle[0] if each not in stem]
        middle[-1] = [each for each in middle[-1] if each not in head]
    elif len(middle) > 1 and all(each.scale.places == 1 for each in middle[-1]):
        head = middle.pop()
    rises = any(each.scale.rises for stage in middle for each in stage)
    found: list[str | Part] = []
    if stem:
        found += _grouped("stem", [each.each for each in stem])
    number = 0
    for stage in middle:
        number += len(stage) > 1
        label = _stage_label(units, stage, number, rises)
        if len(middle) == 1:
            label = _plural(stage) or label
        found += _grouped(label, _with_ways(stage))
    if head:
        found += _grouped("head", [each.each for each in head])
    return found


def _with_ways(stage: Sequence[_Held]) -> list[str | Part]:
    """Return what a stage holds, what leads to its blocks and away from them as one each."""
    lead = _leading(stage)
    tail = list(reversed(_leading(list(reversed(stage)))))
    if len(lead) == len(stage):
        return [each.each for each in stage]
    rest = stage[len(lead) : len(stage) - len(tail)]
    return [*_one_way(lead), *(each.each for each in rest), *_one_way(tail)]


def _one_way(row: Sequence[_Held]) -> list[str | Part]:
    """Return one layer and what stands around it as one, where they are one after the other."""
    inside = set(row)
    single = all(inside.issuperset(each.readers) for each in row[:-1]) and all(
        inside.issuperset(each.sources) for each in row[1:] if each.sources != row[0].sources
    )
    units = [unit for each in row for unit in each.units]
    if not single or len(row) < 2 or len(units) > MOST or sum(each.layers for each in row) != 1:
        return [each.each for each in row]
    return [Part(TRANSITION, [*units], "block")]


def _leading(stage: Sequence[_Held]) -> list[_Held]:
    return list(itertools.takewhile(lambda each: not each.is_block, stage))


def _grouped(label: str, held: list[str | Part]) -> list[str | Part]:
    return held if len(held) < 2 else [Part(label, held, "stage")]


def _stage_label(units: Units, stage: Sequence[_Held], number: int, rises: bool) -> str:
    size = _size(units, stage)
    if rises and size:
        places = stage[-1].scale.places
        before = [source.scale.places for each in stage for source in each.sources]
        if stage[-1].scale.rises and any(CHANGED * other < places for other in before):
            return f"up, {size}"
        first = not stage[-1].scale.rises
        return (
            f"down, {size}" if first or any(other > CHANGED * places for other in before) else size
        )
    return f"stage {number}, {size}" if size else f"stage {number}"


def _plural(stage: Sequence[_Held]) -> str:
    """Return what a stage is of which all blocks are of one kind; "" for others."""
    kinds = {each.each.what for each in stage if isinstance(each.each, Part)}
    return f"{kinds.pop()}s" if len(kinds) == 1 else ""


def _size(units: Units, stage: Sequence[_Held]) -> str:
    """Return the size of the maps in a stage: ``56 × 56``; "" where these are no maps."""
    names = [name for each in stage for unit in each.units for name in units.members[unit]]
    for name in sorted(names, key=units.written.__getitem__, reverse=True):
        op, shape = units.net.op(name), units.net.nodes[name]["shape"] or ()
        flat = op.family in ("conv", "pool") and len(op.words.window) == 2
        axes = shape[-2:] if flat or op.family == "resampling" else shape[-3:-1]
        known = len(shape) == 3 and Open not in map(type, axes) and None not in axes
        places = math.prod(axes) if known else 0
        likely = flat or len(set(axes)) == 1
        if likely and 0 < places < CHANGED * stage[-1].scale.places < CHANGED**2 * places:
            return " × ".join(map(str, axes))
    return ""
