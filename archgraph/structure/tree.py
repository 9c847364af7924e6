"""The tree of a network's groups, from what it declares and the modules of its names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archgraph.structure.blocks_and_stages import Modules
from archgraph.structure.cuts import Cut, Piece, made_cut
from archgraph.structure.declared import Declared, declared_groups, declared_owners
from archgraph.structure.group import Group, Kind
from archgraph.structure.paths import read_modules
from archgraph.structure.repeats import Motifs, runs
from archgraph.wiring import WiredGraph

__all__ = ["LEVELS", "Structure", "cut", "structure"]

LEVELS = ("stage", "block", "layer")
"""The named cuts, from the coarsest to every operator."""

_CACHED = "archgraph.structure"


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
    read = _attributes(net)
    cache = net.__dict__.setdefault("__networkx_cache__", {})
    known = cache.get(_CACHED)
    if known is not None and known[0] == read:
        found: Structure = known[1]
        return found
    made = _structure(net)
    cache[_CACHED] = read, made
    return made


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
    declared = declared_groups(net, order)
    modules = Modules(read_modules(net, order))
    members = {key: list(group.members) for key, group in declared.items()}
    paths = _compatible(net, modules, declared)
    members |= paths
    taken = {*net, *members, *net.groups}
    motifs = Motifs(net)
    cuts: dict[str, Cut] = {}
    split: list[Piece] = []
    for level, owners in (("stage", modules.stages), ("block", modules.blocks)):
        given = declared_owners(net, level)
        group = owners(paths.__contains__) if given is None else given
        found, group, parts = made_cut(net, order, group, taken)
        if given is None and declared:
            group = {}  # what is declared is not mixed with modules, save for boxes
        cuts[level] = Cut(
            found, _own(found, group), group, runs(net, found, motifs), given is not None
        )
        split += parts
    alone = {name: (name,) for name in order}
    cuts["layer"] = Cut(alone, alone, {}, (), False)
    return Structure(tuple(order), _groups(order, declared, members, split, motifs), cuts)


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
    net: WiredGraph, modules: Modules, declared: Mapping[str, Declared]
) -> dict[str, list[str]]:
    """Return the modules that lie inside declared groups, or hold them whole, or none of them."""
    around: dict[str, list[str]] = {}
    for key, group in declared.items():
        for name in group.members:
            around.setdefault(name, []).append(key)
    found: dict[str, list[str]] = {}
    for path, names in modules.members().items():
        counts: dict[str, int] = {}
        for name in names:
            for key in around.get(name, ()):
                counts[key] = counts.get(key, 0) + 1
        whole = all(n in (len(names), len(declared[key].members)) for key, n in counts.items())
        if whole and path not in declared and path not in net:
            found[path] = names
    return found


def _groups(
    order: Sequence[str],
    declared: Mapping[str, Declared],
    members: Mapping[str, Sequence[str]],
    split: Iterable[Piece],
    motifs: Motifs,
) -> dict[str, Group]:
    """Return the tree: each group below the smallest that holds all of it."""
    place = {name: index for index, name in enumerate(order)}
    ranks: dict[Kind, int] = {"stage": 0, "block": 1, "module": 2}
    kinds: dict[str, Kind] = {
        key: declared[key].kind if key in declared else "module" for key in members
    }

    def outermost(key: str) -> tuple[int, int, int]:
        return -len(members[key]), ranks[kinds[key]], key.count(".")

    parents: dict[str, str | None] = {}
    innermost: dict[str, str] = {}
    for key in sorted(members, key=outermost):
        outer = {innermost.get(name) for name in members[key]}
        # A declared block in two stages lies in neither.
        parents[key] = outer.pop() if len(outer) == 1 else None
        innermost.update(dict.fromkeys(members[key], key))
    whole = {key: tuple(names) for key, names in members.items()}
    whole |= {piece.id: piece.members for piece in split}
    found = {
        key: Group(
            key,
            parents[key],
            declared[key].label if key in declared else key,
            kinds[key],
            whole[key],
            motifs.of(whole[key]),
        )
        for key in sorted(parents, key=lambda key: (place[members[key][0]], outermost(key)))
    }
    for piece in split:
        group = found[piece.whole]
        label = f"{group.label} ({piece.number})"
        found[piece.id] = Group(
            piece.id, group.id, label, group.kind, piece.members, motifs.of(piece.members)
        )
    return found
