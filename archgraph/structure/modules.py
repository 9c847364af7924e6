"""The modules of the dotted names, and which of them people would call blocks and stages.

A framework's names say how a network was written, not what its parts are: ``layer1.0`` is a block
of a stage, ``encoder.layers.encoder_layer_0`` a block of an encoder, but ``features.3.conv.0`` a
convolution with its activation, deep inside a block. So modules are opened from the top: those
that only hold blocks, in a list or further inside, and those that are one long chain. What is not
opened is a block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archgraph.graph import ArchGraph
from archgraph.ops import Input

__all__ = ["Modules", "modules_of"]

LARGE = 5
"""A chain of layers with more than one in so many of all operators is opened."""

_NUMBERED = re.compile(r"(.*?)\d+(@\d+)?")
"""``0``, ``layer1``, ``encoder_layer_11``; ``@2`` marks what runs again."""


@dataclass(slots=True)
class _Module:
    """A module: its operators in topological order, and what is told of them on one pass."""

    path: str
    members: list[str] = field(default_factory=list)
    size: int = 0
    """How many operators it has, without inputs of the network."""
    layers: list[int] = field(default_factory=list)
    """How far each operator that does arithmetic is from the input, in topological order."""
    inside: dict[str, None] = field(default_factory=dict)
    """The paths one word deeper, operators and modules."""
    links: set[tuple[str, str]] = field(default_factory=set)
    """The edges between those."""
    merges: bool = False
    """Whether one of its own operators reads several tensors."""
    branches: bool = False
    """Whether any of its operators does."""


class Modules:
    """The modules with two operators or more, by path; those around others come first."""

    def __init__(self, found: dict[str, _Module], total: int) -> None:
        self._all, self._total = found, total
        self._opens: dict[str, bool] = {}
        self._useful: dict[str, bool] = {}
        for path in reversed(found):  # the innermost first
            module = found[path]
            groups = self._groups(module)
            self._opens[path] = self._is_opened(module, groups)
            opened = [group for group in groups if self._opens[group.path]]
            self._useful[path] = bool(opened) and (len(groups) > 1 or self._useful[groups[0].path])

    def members(self) -> dict[str, list[str]]:
        """Return the operators of each module."""
        return {path: module.members for path, module in self._all.items() if path}

    def blocks(self, accepted: Callable[[str], bool]) -> dict[str, str]:
        """Return the block of each operator that is in one; modules not accepted are opened."""
        return self._owners(lambda path: self._opens[path] or not accepted(path))

    def stages(self, accepted: Callable[[str], bool]) -> dict[str, str]:
        """Return the stage of each operator: the outermost module that is not nearly everything.

        What holds more than half of the network and further modules that hold blocks is opened.
        """

        def opened(path: str) -> bool:
            large = 2 * self._all[path].size > self._total
            return (large and self._opens[path] and self._useful[path]) or not accepted(path)

        return self._owners(opened)

    def _owners(self, opened: Callable[[str], bool]) -> dict[str, str]:
        owner: dict[str, str] = {}
        waiting = self._groups(self._all[""])
        for module in waiting:  # grows while it is read
            if opened(module.path):
                waiting += self._groups(module)
            else:
                owner.update(dict.fromkeys(module.members, module.path))
        return owner

    def _groups(self, module: _Module) -> list[_Module]:
        return [self._all[path] for path in module.inside if path in self._all]

    def _is_opened(self, module: _Module, groups: Sequence[_Module]) -> bool:
        if self._is_list(module, groups):
            return True
        if not module.branches and len(module.layers) > 1 and module.size * LARGE > self._total:
            return True
        if module.size == self._total and len(groups) > 1:
            return True  # a wrapper around everything
        holds = any(self._opens[group.path] for group in groups)
        return holds and (not module.merges or 2 * module.size > self._total)

    def _is_list(self, module: _Module, groups: Sequence[_Module]) -> bool:
        """Return whether a module holds numbered blocks, one after the other.

        A block holds two layers that do arithmetic, or more. Branches have numbers, too, but none
        reads another; a list with one entry is told by a number without a word.
        """
        words = [_NUMBERED.fullmatch(group.path.rpartition(".")[2]) for group in groups]
        stems = {word and word[1] for word in words}
        if len(stems) != 1 or None in stems or (len(groups) == 1 and stems != {""}):
            return False
        if 2 * sum(len(group.layers) > 1 for group in groups) < len(groups):
            return False
        return all(
            any((group.path, later.path) in module.links for group in groups[:place])
            or self._lies_behind(groups[place - 1], later)
            for place, later in enumerate(groups)
            if place
        )

    def _lies_behind(self, first: _Module, second: _Module) -> bool:
        """Return whether all arithmetic of a module can run before any of another."""
        return not first.layers or not second.layers or max(first.layers) < min(second.layers)


def modules_of(net: ArchGraph, order: Sequence[str]) -> Modules:
    """Return the modules of a network whose operators are given in topological order."""
    found: dict[str, _Module] = {"": _Module("")}
    paths: dict[str, list[str]] = {}
    depth: dict[str, int] = {}
    for name in order:
        sources = net.pred[name]
        data = net.nodes[name]
        depth[name] = 1 + max((depth[source] for source in sources), default=0)
        paths[name] = around = _around(name)
        for outer, inner in zip(around, [*around[1:], name], strict=True):
            module = found.setdefault(outer, _Module(outer))
            module.members.append(name)
            module.size += not isinstance(data["op"], Input)
            module.branches |= len(sources) > 1
            module.inside[inner] = None
            if data.get("macs"):
                module.layers.append(depth[name])
        found[around[-1]].merges |= len(sources) > 1
    for source, target in net.edges:
        here, there = [*paths[source], source], [*paths[target], target]
        shared = sum(1 for a, b in zip(here, there, strict=False) if a == b)
        found[here[shared - 1]].links.add((here[shared], there[shared]))
    kept = {path: module for path, module in found.items() if len(module.members) > 1 or not path}
    for path, module in found.items():  # what wraps one operator is like that operator
        if path not in kept and module.merges:
            around = paths[module.members[0]]
            outer = max((each for each in around if each in kept), key=len)
            kept[outer].merges = True
    by_depth = sorted(kept, key=lambda path: path.count(".") + 1 if path else 0)
    return Modules({path: kept[path] for path in by_depth}, found[""].size)


def _around(name: str) -> list[str]:
    """Return the modules around an operator, the network itself first: ``""``, ``a``, ``a.b``."""
    found = [""]
    at = name.find(".")
    while at >= 0:
        found.append(name[:at])
        at = name.find(".", at + 1)
    return found
