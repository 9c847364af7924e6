"""Cuts a network into the steps of a chain: between two steps all data is in one tensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.ops import Shape
from archgraph.options import written
from archgraph.structure import cut, group_flow, in_flow, runs

__all__ = ["Segment", "devices", "segments"]


@dataclass(slots=True)
class Segment:
    """One step: the operators that make its output, and those that pass it on unchanged.

    ``folded`` are the equal steps behind it that it stands for as well.
    """

    key: str
    own: list[str]
    joined: list[str]
    shape: Shape | None
    folded: list[Segment] = field(default_factory=list)

    @property
    def members(self) -> list[str]:
        """All operators behind this step."""
        return self.own + self.joined + [n for part in self.folded for n in part.members]


def devices(net: ArchGraph) -> tuple[int, ...]:
    """Return the devices that a network names, in their order."""
    found = {data["device"] for _, data in net.nodes(data=True)}
    return tuple(sorted(found - {None}))


def segments(
    net: ArchGraph, level: str, *, fold: bool, branches: bool = False
) -> dict[str, Segment]:
    """Return the steps of a network at a level, each after those that it reads.

    A network on one device is cut at its waists, so that its steps are a chain, unless its
    ``branches`` are wanted; ``fold`` leaves out steps that repeat the one before. One on several
    devices keeps the steps of each device.
    """
    members = _ordered(net, cut(net, level))
    if len(devices(net)) > 1:
        members = _with_gathered(net, members)
    elif not branches:
        members = _at_waists(net, members)
    found: dict[str, Segment] = {}
    owner: dict[str, str] = {}
    for key, names in members.items():
        before = {owner[s] for name in names for s in net.inputs_of(name) if s in owner}
        shape = _shape(net, names)
        if len(before) == 1 and _passes_on(net, names, shape, found[min(before)].shape):
            found[min(before)].joined += names
            owner.update(dict.fromkeys(names, min(before)))
            continue
        found[key] = Segment(key, names, [], shape)
        owner.update(dict.fromkeys(names, key))
    return _folded(net, found) if fold else found


def _ordered(net: ArchGraph, members: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the groups so that each stands after all that it reads."""
    return {key: list(members[key]) for key in in_flow(net, members)}


def _at_waists(net: ArchGraph, members: dict[str, list[str]]) -> dict[str, list[str]]:
    """Join what branches between two waists, groups that all data passes through, into one."""
    graph, order = group_flow(net, members), list(members)
    place = {key: index for index, key in enumerate(order)}
    found: dict[str, list[str]] = {}
    gathered: list[str] = []
    reach = max((place[key] for key in order if not graph.pred[key]), default=0)
    for index, key in enumerate(order):
        gathered += members[key]
        if reach <= index:  # no edge, and no source, passes this group by
            if gathered != members[key]:
                _must_not_hide(net, gathered)
            found[key] = gathered
            gathered = []
        reach = max([reach, *(place[after] for after in graph.succ[key])])
    if gathered:
        found[order[-1]] = gathered
    return found


def _must_not_hide(net: ArchGraph, names: list[str]) -> None:
    """Refuse what goes down and up again beside a path around it, which one volume cannot be."""
    own = set(names)
    read = {source for name in names for source in net.inputs_of(name)} - own
    ends = [_known(net, name) for name in (*read, names[-1])]
    least = min((shape[1] for shape in ends if len(shape) == 3), default=0)
    for name in names:
        shape = _known(net, name)
        if net.op(name).family == "conv" and len(shape) == 3 and 1 < shape[1] < least:
            raise DrawError(
                f"'{net.name}' goes to smaller maps and back beside a path around them, "
                f"at '{name}', which volumes in a row cannot show; "
                f"use {written('style', 'layout')}."
            )


def _known(net: ArchGraph, name: str) -> tuple[int, ...]:
    """Return the shape of an operator's output for one image; none where it is not all known."""
    shape = net.nodes[name]["shape"] or ()
    return shape if all(isinstance(each, int) for each in shape) else ()


def _with_gathered(net: ArchGraph, members: dict[str, list[str]]) -> dict[str, list[str]]:
    """Join what only brings the maps of all devices together to the step that reads it.

    What flattens or drops the maps on their way goes with them: it is no volume of its own.
    """
    found: dict[str, list[str]] = {}
    waiting: dict[str, list[str]] = {}
    for key, names in members.items():
        readers = {t for name in names for t in net.succ[name]} - set(names)
        held = [w for name in names for w in waiting.pop(name, [])]
        gathers = all(net.nodes[n].get("role") == "gather" for n in names)
        passes = bool(held) and all(net.op(n).quiet for n in names)
        if len(readers) == 1 and (gathers or passes):
            waiting.setdefault(min(readers), []).extend(held + names)
        else:
            found[key] = held + names
    return found


def _shape(net: ArchGraph, names: list[str]) -> Shape | None:
    """Return the shape that a group gives, before it is flattened for what follows."""
    told = [n for n in names if not net.op(n).quiet]
    shape: Shape | None = net.nodes[(told or names)[-1]]["shape"]
    return shape


def _passes_on(net: ArchGraph, names: list[str], shape: Shape | None, before: Shape | None) -> bool:
    """Return whether operators change nothing that a picture of volumes shows."""
    told = [net.op(name) for name in names if not net.op(name).quiet]
    if not told:
        return True
    # What slides a window changes the numbers, also where the maps stay as large.
    shows = any(op.form == "box" or op.words.window for op in told)
    return not shows and shape == before


def _folded(net: ArchGraph, found: dict[str, Segment]) -> dict[str, Segment]:
    kept = dict(found)
    for first, *others in runs(net, {key: part.members for key, part in found.items()}):
        if not any(net.op(name).layer for name in found[first].own):
            continue
        kept[first].folded = [kept.pop(key) for key in others]
    return kept
