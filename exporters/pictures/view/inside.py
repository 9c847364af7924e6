"""What a group of operators holds: ``2 × 3×3 conv, 64 – max pool, /2``, in parts."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from archgraph.graph import ArchGraph
from archgraph.structure import structure

from .label_parts import Inside, Run

__all__ = ["inside"]


def inside(net: ArchGraph, members: Sequence[str]) -> Inside:
    """Return what the members do one after the other, on the main path; counts where they branch.

    Equal blocks are written once, as the ResNet paper's table does: ``3 × [1×1, 64 – 3×3, 64 –
    1×1, 256], /2``.
    """
    steps = [name for name in members if _counts(net, name)]
    layers = [name for name in steps if net.op(name).layer]
    if not layers:
        return Inside()
    if not all(net.op(name).known for name in members):
        # Some may be layers that we know nothing of.
        return Inside(counts=((len(members), "operator"),))
    if not _is_chain(net, steps, set(members)):
        return _counted(net, layers)
    words = [net.op(name).words for name in layers]
    # Widths in a row, unless something else stands between, such as attention.
    if all(each.reads is not None for each in words) and steps[-len(layers) :] == layers:
        before = (Run((net.op(name).words,)) for name in steps if name not in layers)
        widths = (words[0].reads, *(each.width for each in words))
        return Inside(tuple(before), tuple(width for width in widths if width is not None))
    block = structure(net).cuts["block"].group
    units = [tuple(group) for _, group in itertools.groupby(steps, lambda n: block.get(n, n))]
    return Inside(tuple(_runs(net, units)))


def _counts(net: ArchGraph, name: str) -> bool:
    """Return whether an operator is worth a word: layers, LRN, pooling that changes maps."""
    op, data = net.op(name), net.nodes[name]
    if data.get("role") == "projection" or not op.told:
        return False
    changes = any(net.nodes[source]["shape"] != data["shape"] for source in net.inputs_of(name))
    return changes or op.family != "pool"


def _is_chain(net: ArchGraph, steps: Sequence[str], members: set[str]) -> bool:
    return all(_leads(net, *pair, members) for pair in itertools.pairwise(steps))


def _leads(net: ArchGraph, start: str, end: str, members: set[str]) -> bool:
    """Return whether ``end`` is computed from ``start`` inside the group."""
    queue, seen = [end], {end}
    while queue:
        for source in net.inputs_of(queue.pop()):
            if source == start:
                return True
            if source in members and source not in seen:
                seen.add(source)
                queue.append(source)
    return False


def _counted(net: ArchGraph, layers: Sequence[str]) -> Inside:
    block = structure(net).cuts["block"].group
    blocks = len({block[name] for name in layers if name in block})
    counts = Counter(net.op(name).layer for name in layers)
    found = [(count, noun) for noun, count in counts.items()]
    return Inside(counts=((blocks, "block"), *found) if blocks > 1 else tuple(found))


def _runs(net: ArchGraph, units: Sequence[tuple[str, ...]]) -> list[Run]:
    """Return the runs of the units, equal ones that follow one another as one."""
    found: list[Run] = []
    for _, group in itertools.groupby(units, lambda unit: _sign(net, unit, stride=len(unit) == 1)):
        same = list(group)
        words = tuple(net.op(name).words for name in same[0])
        if len(same) == 1 and len(set(_sign(net, same[0], stride=True))) == 1:
            found.append(Run(words[:1], len(words)))
        else:
            found.append(Run(words, len(same)))
    return found


def _sign(net: ArchGraph, unit: tuple[str, ...], *, stride: bool) -> tuple[str, ...]:
    return tuple(net.op(name).words.brief(stride=stride) for name in unit)
