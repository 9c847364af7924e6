"""What a group of operators holds: ``2 × 3×3 conv, 64 – max pool, /2``, in parts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archgraph.graph import ArchGraph
from archgraph.structure import structure

from .label_parts import Inside, Run
from .operator_words import words_in
from .repeated_words import repeated
from .sublayer import Sublayer
from .sublayers import Sublayers, sublayers

__all__ = ["family_of", "inside"]

MOST = 8
"""More things in a row than this are counted."""


DENSE = 3
"""Joined tensors from which on it is a dense block."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A sublayer or an operator that is told: what it is among others, counted, and its end."""

    family: str
    brief: str
    noun: str
    last: str


def inside(net: ArchGraph, members: Sequence[str]) -> Inside:
    """Return what the members do one after the other, on the main path; counts where they branch.

    Equal blocks are written once, as the ResNet paper's table does: ``3 × [1×1, 64 – 3×3, 64 –
    1×1, 256], /2``. What a picture cannot know is counted behind.
    """
    known = sublayers(net)
    told = [name for name in members if _counts(net, known, name)]
    strange = sum(not net.op(name).known and not net.op(name).moves for name in members)
    unknown = f"{strange} of {len(members)} operators unknown" if strange else ""
    found = _whole(net, known, members)
    parts = list(dict.fromkeys(found.values()))
    tables = [name for name in members if net.op(name).family == "embedding"]
    if len(parts) == 1 and all(name in found for name in told):
        return Inside(told=(parts[0].full,), unknown=unknown)
    if len(tables) > 1 and set(told) <= set(tables):
        return Inside(told=(_tables(net, tables),), unknown=unknown)
    # Fully connected layers one after the other are written as widths, whatever is between them.
    plain = all(part.noun == "MLP" for part in parts) and {net.op(n).family for n in told} == {
        "linear"
    }
    if not parts or plain:
        made = _of_operators(net, known, members, told)
        if len(made.pieces()) <= MOST and not (plain and made.counts):
            return replace(made, unknown=unknown, growth=_growth(net, members))
    steps = _steps(net, known, told, found)
    all_of_them = set(members)
    if all(_leads(net, *pair, all_of_them, known.place) for pair in _ends(steps)):
        pieces = repeated([step.brief for step in steps])
        if len(pieces) <= MOST:
            return Inside(told=tuple(pieces), unknown=unknown, growth=_growth(net, members))
    return replace(_counted(net, told, [step.noun for step in steps]), unknown=unknown)


def family_of(net: ArchGraph, members: Sequence[str]) -> str | None:
    """Return the family of a group that is one thing to people; None for a block of several.

    That is a sublayer, one layer with what is around it, layers of a kind that are nothing but
    these, or what only moves, normalises or calculates.
    """
    known = sublayers(net)
    works = [name for name in members if net.op(name).layer or net.op(name).family in _WORKING]
    found = _whole(net, known, members)
    parts = set(found.values())
    if parts:
        return parts.pop().family if len(parts) == 1 and found.keys() >= set(works) else None
    families = {net.op(name).family for name in works}
    if len(families) == 1:
        straight = all(len(net.inputs_of(name)) < 2 for name in members)
        (family,) = families
        alike = family in ("embedding", "recurrent") or (family == "linear" and straight)
        return family if len(works) == 1 or alike else None
    if families:
        return None
    rest = {op.family for op in map(net.op, members) if not (op.moves or op.silent)}
    # An activation or a shift behind a norm or a pooling is a part of it.
    main = rest - {"activation", "elementwise", "merge"}
    if main:
        return main.pop() if len(main) == 1 else None
    return next(
        (each for each in ("activation", "elementwise", "merge") if each in rest), "reshape"
    )


def _works(net: ArchGraph, name: str) -> bool:
    op = net.op(name)
    return op.told or op.family in ("linear", "attention")


_WORKING = ("attention", "embedding", "recurrent")
"""Families of what a block is about beside layers."""


def _whole(net: ArchGraph, known: Sublayers, members: Sequence[str]) -> dict[str, Sublayer]:
    """Return the sublayers that lie in a group with all that they tell, by their operators."""
    own = set(members)
    found: dict[str, Sublayer] = {}
    for name in members:
        part = known.of.get(name)
        while part is not None and name not in found:
            works = [each for each in part.members if _works(net, each)]
            if name in part.members and own.issuperset(works):
                found |= dict.fromkeys(part.members, part)
            part = part.inner
    return found


def _steps(
    net: ArchGraph, known: Sublayers, told: Sequence[str], found: dict[str, Sublayer]
) -> list[_Step]:
    """Return sublayers and what else is told, in the order in which they end."""
    place = known.place
    steps = [
        _Step(part.family, part.brief, part.noun, part.last)
        for part in dict.fromkeys(found.values())
    ]
    for name in told:
        if name not in found:
            op, words = net.op(name), words_in(net, name, known.fixed)
            noun = "fully connected layer" if words.what == "fc" else op.layer or words.name
            steps.append(_Step(op.family, words.brief(), noun, name))
    return sorted(steps, key=lambda step: place[step.last])


def _ends(steps: Sequence[_Step]) -> list[tuple[str, str]]:
    return [(one.last, other.last) for one, other in itertools.pairwise(steps)]


def _tables(net: ArchGraph, names: Sequence[str]) -> str:
    """Return the sizes of several tables: ``embeddings, 30522 + 512 + 2 × 768``."""
    words = sorted((net.op(name).words for name in names), key=lambda each: -(each.rows or 0))
    widths = list(dict.fromkeys(each.width for each in words))
    if len(widths) == 1 and len(words) <= 4:
        return f"embeddings, {' + '.join(str(each.rows) for each in words)} × {widths[0]}"
    return f"{len(words)} embeddings, {', '.join(map(str, widths[:3]))}"


def _growth(net: ArchGraph, members: Sequence[str]) -> int | None:
    """Return how many channels each layer adds where all are joined (Huang et al., 2017)."""
    own = set(members)
    joins = [
        name
        for name in members
        if net.op(name).kind == "Concat" and len(net.inputs_of(name)) > DENSE
    ]
    # Each layer joins all before it, or the block joins them in the end.
    if not joins or (joins[-1] != members[-1] and len(joins) < DENSE):
        return None
    sources = net.inputs_of(joins[-1])
    if own.issuperset(sources):
        return None
    added = {tuple(net.nodes[name]["shape"] or ())[:1] for name in sources if name in own}
    first = next(iter(added), ()) if len(added) == 1 else ()
    return first[0] if first and type(first[0]) is int else None


def _of_operators(
    net: ArchGraph, known: Sublayers, members: Sequence[str], steps: Sequence[str]
) -> Inside:
    """Return what a group does in whose layers nobody sees more than the layers."""
    layers = [name for name in steps if net.op(name).layer]
    if not layers:
        words = [words_in(net, name) for name in steps]
        return Inside((Run((words[0],)),)) if len(words) == 1 else Inside()
    own, place = set(members), known.place
    if not all(_leads(net, *pair, own, place) for pair in itertools.pairwise(steps)):
        return _counted(net, layers, [net.op(name).layer for name in layers])
    words = [words_in(net, name) for name in layers]
    # Widths in a row, unless something else stands between, such as attention.
    if all(each.reads is not None for each in words) and list(steps[-len(layers) :]) == layers:
        before = (Run((words_in(net, name),)) for name in steps if name not in layers)
        widths = (words[0].reads, *(each.width for each in words))
        return Inside(tuple(before), tuple(width for width in widths if width is not None))
    block = structure(net).cuts["block"].group
    units = [tuple(group) for _, group in itertools.groupby(steps, lambda n: block.get(n, n))]
    return Inside(tuple(_runs(net, units)))


def _counts(net: ArchGraph, known: Sublayers, name: str) -> bool:
    """Return whether an operator is worth a word: layers, LRN, pooling that changes maps."""
    op, data = net.op(name), net.nodes[name]
    # Tables of positions, and what is made of them alone, are no steps.
    if name in known.projections or name in known.fixed or not op.told:
        return False
    changes = any(net.nodes[source]["shape"] != data["shape"] for source in net.inputs_of(name))
    return changes or op.family != "pool"


def _leads(
    net: ArchGraph, start: str, end: str, members: set[str], place: Mapping[str, int]
) -> bool:
    """Return whether ``end`` is computed from ``start`` inside the group."""
    queue, seen, first = [end], {end}, place[start]
    while queue:
        for source in net.pred[queue.pop()]:
            if source == start:
                return True
            if source in members and source not in seen and place[source] > first:
                seen.add(source)
                queue.append(source)
    return False


def _counted(net: ArchGraph, names: Sequence[str], nouns: Sequence[str]) -> Inside:
    block = structure(net).cuts["block"].group
    blocks = len({block[name] for name in names if name in block})
    found = [(count, noun) for noun, count in Counter(nouns).items()]
    return Inside(counts=((blocks, "block"), *found) if blocks > 1 else tuple(found))


def _runs(net: ArchGraph, units: Sequence[tuple[str, ...]]) -> list[Run]:
    """Return the runs of the units, equal ones that follow one another as one."""
    found: list[Run] = []
    for _, group in itertools.groupby(units, lambda unit: _sign(net, unit, stride=len(unit) == 1)):
        same = list(group)
        words = tuple(words_in(net, name) for name in same[0])
        if len(same) == 1 and len(set(_sign(net, same[0], stride=True))) == 1:
            found.append(Run(words[:1], len(words)))
        else:
            found.append(Run(words, len(same)))
    return found


def _sign(net: ArchGraph, unit: tuple[str, ...], *, stride: bool) -> tuple[str, ...]:
    return tuple(words_in(net, name).brief(stride=stride) for name in unit)
