"""The tree of a network's groups, from what it declares, its names and the graph."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from archgraph.structure.blocks_and_stages import Modules
from archgraph.structure.cuts import Cut, Piece, made_cut
from archgraph.structure.declared import Declared, declared_groups, declared_owners
from archgraph.structure.found_groups import found_in
from archgraph.structure.found_names import FoundGroup, named
from archgraph.structure.found_stages import MOST
from archgraph.structure.group import Group, Kind
from archgraph.structure.map_scales import Scale, scales
from archgraph.structure.paths import read_modules
from archgraph.structure.periods import with_periods
from archgraph.structure.repeats import Motifs, runs
from archgraph.structure.scattered import scattered
from archgraph.wiring import WiredGraph

__all__ = ["LEVELS", "Structure", "cut", "steady", "structure"]

LEVELS = ("stage", "block", "layer")
"""The named cuts, from the coarsest to every operator."""

_CACHED = "archgraph.structure"
_STEADY = "archgraph.steady"


@dataclass(frozen=True, slots=True)
class Structure:
    """A network's groups by id, each after the one around it, and the named cuts through them.

    ``order`` are the operators, each after all that it reads.
    """

    order: tuple[str, ...]
    groups: Mapping[str, Group]
    cuts: Mapping[str, Cut]


def structure(net: WiredGraph) -> Structure:
    """Return the tree of a network; CycleError for a graph with a cycle.

    It is kept until the graph changes: networkx empties its cache with every node and edge that
    comes or goes, and what is read of the attributes is compared.
    """
    cache = net.__dict__.setdefault("__networkx_cache__", {})
    known = cache.get(_CACHED)
    if known is not None and _STEADY in net.__dict__:
        kept: Structure = known[1]
        return kept
    read = _attributes(net)
    if known is not None and known[0] == read:
        found: Structure = known[1]
        return found
    made = _structure(net)
    cache[_CACHED] = read, made
    return made


@contextmanager
def steady(nets: Iterable[WiredGraph]) -> Iterator[None]:
    """Say that some networks do not change for a while: their attributes are not compared anew.

    Who asks a thousand times for the tree of a large network spends most of the time on that.
    """
    held = [net for net in nets if _STEADY not in net.__dict__]
    for net in held:
        structure(net)
        net.__dict__[_STEADY] = True
    try:
        yield
    finally:
        for net in held:
            net.__dict__.pop(_STEADY, None)


def cut(net: WiredGraph, level: str) -> Mapping[str, tuple[str, ...]]:
    """Return the operators that stand together at "stage", "block" or "layer" level, by id.

    At "layer" each stands for itself. At the others what is in no group stays alone, but
    activations and what only passes data on join what they read.
    """
    return structure(net).cuts[level].members


def _attributes(net: WiredGraph) -> tuple[object, ...]:
    """Return all that the structure depends on and networkx does not watch."""
    nodes = [
        (d.get("stage"), d.get("block"), d.get("op"), d.get("shape"), d.get("device"))
        for d in net.nodes.values()
    ]
    groups = [(key, group["label"]) for key, group in net.groups.items()]
    return nodes, groups


def _structure(net: WiredGraph) -> Structure:
    order = net.topological()
    written = _as_written(net)
    declared = declared_groups(net, order)
    modules = Modules(read_modules(net, order))
    members = {key: list(group.members) for key, group in declared.items()}
    paths = _compatible(net, written, modules, declared)
    members |= paths
    taken = {*net, *members, *net.groups, *(path for name in net for path in _around(name))}
    motifs = Motifs(net)
    kinds: dict[str, Kind] = {
        key: declared[key].kind if key in declared else "module" for key in members
    }
    if net.found is None:
        found = _found(net, order, written, members, kinds, taken, motifs)
    else:  # it is a part of a network
        found = {
            key: FoundGroup(label, own, level)
            for key, (label, level, own) in net.found.items()
            if key not in taken and net.nodes.keys() >= set(own)
        }
        taken |= found.keys()
    cuts: dict[str, Cut] = {}
    split: list[Piece] = []
    for level, owners in (("stage", modules.stages), ("block", modules.blocks)):
        given = declared_owners(net, level)
        group = owners(paths.__contains__) if given is None else given
        if not declared:
            group = _with_found(group, found, level)
        cut_members, group, parts = made_cut(net, order, written, group, taken)
        if given is None and declared:
            group = {}  # what is declared is not mixed with modules, save for boxes
        cuts[level] = Cut(
            cut_members,
            _own(cut_members, group),
            group,
            runs(net, cut_members, motifs),
            given is not None,
        )
        split += parts
    alone = {name: (name,) for name in order}
    cuts["layer"] = Cut(alone, alone, {}, (), False)
    labels = {key: group.label for key, group in declared.items()}
    labels |= {key: group.label for key, group in found.items()}
    members |= {key: list(group.members) for key, group in found.items()}
    kinds |= dict.fromkeys(found, "found")
    groups = _groups(order, written, labels, members, kinds, split, motifs)
    groups = with_periods(net, groups, written, motifs, taken)
    return Structure(tuple(order), groups, cuts)


def _as_written(net: WiredGraph) -> dict[str, int]:
    """Return the place of each operator in the order in which they were added, sources first.

    Equal groups were written alike, and so their operators stand in the same order.
    """
    number = {name: index for index, name in enumerate(net)}
    names = list(net)
    waiting = {name: len(sources) for name, sources in net.pred.items()}
    ready = [number[name] for name in net if not waiting[name]]
    found: dict[str, int] = {}
    while ready:
        name = names[heapq.heappop(ready)]
        found[name] = len(found)
        for target in net.succ[name]:
            waiting[target] -= 1
            if not waiting[target]:
                heapq.heappush(ready, number[target])
    return found


def _around(name: str) -> list[str]:
    """Return the paths of the modules around an operator."""
    words = name.split(".")
    return [".".join(words[:n]) for n in range(1, len(words))]


def _found(
    net: WiredGraph,
    order: Sequence[str],
    written: Mapping[str, int],
    members: Mapping[str, Sequence[str]],
    kinds: Mapping[str, Kind],
    taken: set[str],
    motifs: Motifs,
) -> dict[str, FoundGroup]:
    """Return what is found in groups that hold many parts, and in a network that is one."""
    parents, innermost = _parents(order, members, kinds)
    units: dict[str | None, dict[str, Sequence[str]]] = {}
    for key, names in members.items():
        units.setdefault(parents[key], {})[key] = names
    for name in order:
        units.setdefault(innermost.get(name), {})[name] = (name,)
    found: dict[str, FoundGroup] = {}
    scale: dict[str, Scale] = {}
    for host in (None, *parents):
        held = units.get(host, {})
        declares = host is None and any(kind != "module" for kind in kinds.values())
        if len(held) <= MOST or declares:
            continue
        scale = scale or scales(net, order)
        parts = found_in(net, written, held, scale, motifs)
        groups = named(net, host, parts, held, written, taken)
        for key, group in groups.items():
            found[key] = group if host is None else replace(group, level="")
    return found


def _with_found(
    group: Mapping[str, str], found: Mapping[str, FoundGroup], level: str
) -> dict[str, str]:
    """Return the groups of operators at a level, with those that are found for it.

    A found stage holds modules; what modules say of blocks stays.
    """
    owner = dict(group)
    for key, each in found.items():
        whole = each.level == level or (level == "stage" and each.level == "block")
        if whole and (level == "stage" or not any(name in group for name in each.members)):
            owner |= {n: key for n in each.members if owner.get(n) not in found}
    return owner


def _own(
    members: Mapping[str, Sequence[str]], group: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return the groups with what lies in them, and all other operators alone."""
    found: dict[str, list[str]] = {}
    for names in members.values():
        for name in names:
            found.setdefault(group.get(name, name), []).append(name)
    return {key: tuple(names) for key, names in found.items()}


def _compatible(
    net: WiredGraph,
    written: Mapping[str, int],
    modules: Modules,
    declared: Mapping[str, Declared],
) -> dict[str, list[str]]:
    """Return the modules that lie inside declared groups, or hold them whole, or none of them.

    Those whose operators do not belong together are left out.
    """
    around: dict[str, list[str]] = {}
    for key, group in declared.items():
        for name in group.members:
            around.setdefault(name, []).append(key)
    found: dict[str, list[str]] = {}
    members = modules.members()
    none = scattered(net, written, members)
    for path, names in members.items():
        counts: dict[str, int] = {}
        for name in names:
            for key in around.get(name, ()):
                counts[key] = counts.get(key, 0) + 1
        whole = all(n in (len(names), len(declared[key].members)) for key, n in counts.items())
        if whole and path not in declared and path not in net and path not in none:
            found[path] = names
    return found


def _parents(
    order: Sequence[str], members: Mapping[str, Sequence[str]], kinds: Mapping[str, Kind]
) -> tuple[dict[str, str | None], dict[str, str]]:
    """Return the group around each group, in the order of the tree, and around each operator."""
    place = {name: index for index, name in enumerate(order)}
    ranks: dict[Kind, int] = {"stage": 0, "block": 1, "module": 2, "found": 3}

    def outermost(key: str) -> tuple[int, int, int]:
        return -len(members[key]), ranks[kinds[key]], key.count(".")

    parents: dict[str, str | None] = {}
    innermost: dict[str, str] = {}
    for key in sorted(members, key=outermost):
        outer = {innermost.get(name) for name in members[key]}
        # A declared block in two stages lies in neither.
        parents[key] = outer.pop() if len(outer) == 1 else None
        innermost.update(dict.fromkeys(members[key], key))
    ordered = sorted(parents, key=lambda key: (place[members[key][0]], outermost(key)))
    return {key: parents[key] for key in ordered}, innermost


def _groups(
    order: Sequence[str],
    written: Mapping[str, int],
    labels: Mapping[str, str],
    members: Mapping[str, Sequence[str]],
    kinds: Mapping[str, Kind],
    split: Iterable[Piece],
    motifs: Motifs,
) -> dict[str, Group]:
    """Return the tree: each group below the smallest that holds all of it."""
    parents, _ = _parents(order, members, kinds)
    whole = {key: tuple(sorted(names, key=written.__getitem__)) for key, names in members.items()}
    whole |= {piece.id: piece.members for piece in split}
    found = {
        key: Group(key, parent, labels.get(key, key), kinds[key], whole[key], motifs.of(whole[key]))
        for key, parent in parents.items()
    }
    for piece in split:
        group = found[piece.whole]
        label = f"{group.label} ({piece.number})"
        found[piece.id] = Group(
            piece.id, group.id, label, group.kind, piece.members, motifs.of(piece.members)
        )
    return found
