"""Which modules of a network people would call its blocks and stages, where it says nothing.

A framework's names say how a network was written, not what its parts are: ``layer1.0`` is a block
of a stage, ``encoder.layers.encoder_layer_0`` a block of an encoder, but ``features.3.conv.0`` a
convolution with its activation, deep inside a block. So modules are opened from the top: those
that only hold blocks, in a list or further inside, and those that are one long chain. What is not
opened is a block.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from archgraph.structure.paths import Module

__all__ = ["Modules"]

LARGE = 5
"""A numbered sequence with more than one in so many of all operators is opened."""

_NUMBERED = re.compile(r"(.*?)\d+(@\d+)?")
"""``0``, ``layer1``, ``encoder_layer_11``; ``@2`` marks what runs again."""


class Modules:
    """The modules with two operators or more, by path; those around others come first."""

    def __init__(self, found: dict[str, Module]) -> None:
        self._all, self._total = found, found[""].size
        self._opens: dict[str, bool] = {}
        self._useful: dict[str, bool] = {}
        for path, module in reversed(found.items()):  # the innermost first
            inside = module.inside
            self._opens[path] = self._is_opened(module)
            opened = [each for each in inside if self._opens[each.path]]
            self._useful[path] = bool(opened) and (len(inside) > 1 or self._useful[inside[0].path])

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
        waiting = list(self._all[""].inside)
        for module in waiting:  # grows while it is read
            if opened(module.path):
                waiting += module.inside
            else:
                owner.update(dict.fromkeys(module.members, module.path))
        return owner

    def _is_opened(self, module: Module) -> bool:
        inside = module.inside
        if _is_list(module):
            return True
        straight = module.numbered and not module.branches and module.steps > 1
        if straight and module.size * LARGE > self._total:
            return True
        if module.size == self._total and len(inside) > 1:
            return True  # a wrapper around everything
        holds = any(self._opens[each.path] for each in inside)
        return holds and (not module.merges or 2 * module.size > self._total)


def _is_list(module: Module) -> bool:
    """Return whether a module holds numbered blocks, one after the other.

    A block holds two layers that do arithmetic, or more. Branches have numbers, too, but none
    reads another; a list with one entry is told by a number without a word.
    """
    inside = module.inside
    words = [_NUMBERED.fullmatch(each.path.rpartition(".")[2]) for each in inside]
    stems = {word and word[1] for word in words}
    if len(stems) != 1 or None in stems or (len(inside) == 1 and stems != {""}):
        return False
    if 2 * sum(each.layers > 1 for each in inside) <= len(inside):
        return False
    place = {each.path: index for index, each in enumerate(inside)}
    follows = {b for a, b in module.links if a in place and b in place and place[a] < place[b]}
    return all(
        # All arithmetic of one can run before any of the next, or the next reads one before it.
        first.last < later.first or later.path in follows
        for first, later in itertools.pairwise(inside)
    )
