"""The modules of the dotted names, and what is told of each on one pass over the operators."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from archgraph.ops import Input
from archgraph.wiring import WiredGraph

__all__ = ["Module", "read_modules"]


@dataclass(slots=True, eq=False)
class Module:
    """A module; ``members`` are its operators in topological order.

    ``size`` counts them without the network's inputs, ``layers`` those that do arithmetic,
    ``steps`` those that do or pool. ``first`` and ``last`` say how far from the input the layers
    are. ``inside`` are the modules one word deeper, ``links`` the edges between those.
    ``merges`` says whether one of its own operators reads several tensors, ``branches`` whether
    any operator does, ``numbered`` whether all that it holds has a number for a name.
    """

    path: str
    outer: Module | None
    depth: int
    members: list[str] = field(default_factory=list)
    size: int = 0
    layers: int = 0
    steps: int = 0
    first: float = float("inf")
    last: int = -1
    inside: list[Module] = field(default_factory=list)
    links: set[tuple[str, str]] = field(default_factory=set)
    merges: bool = False
    branches: bool = False
    numbered: bool = True


def read_modules(net: WiredGraph, order: Sequence[str]) -> dict[str, Module]:
    """Return all modules by path, each after the one around it; the network itself is ``""``.

    ``order`` are the operators in topological order. What wraps one operator is not there: it is
    like that operator.
    """
    found = {"": Module("", None, 0)}
    lies_in: dict[str, Module] = {}
    far: dict[str, int] = {}
    for name in order:
        data, sources = net.nodes[name], net.pred[name]
        far[name] = 1 + max((far[source] for source in sources), default=0)
        path, word = _place(net, name)
        module = lies_in[name] = _module(found, path)
        module.numbered &= word.isdecimal()
        works = bool(data.get("macs"))
        module.size += not isinstance(data["op"], Input)
        module.steps += works or data["op"].family == "pool"
        module.merges |= len(sources) > 1
        if works:
            module.layers += 1
            module.first, module.last = min(module.first, far[name]), max(module.last, far[name])
        around: Module | None = module
        while around is not None:
            around.members.append(name)
            around = around.outer
    for module in reversed(found.values()):
        module.inside = [each for each in module.inside if len(each.members) > 1]
        module.branches |= module.merges
        if module.outer is not None:
            _pass_up(module, module.outer)
    _link(net, lies_in)
    return {path: each for path, each in found.items() if len(each.members) > 1 or not path}


def _place(net: WiredGraph, name: str) -> tuple[str, str]:
    """Return the path of the module that an operator lies in, and its name there.

    A file may store one tensor for many norms that learned nothing yet. They bear the name of the
    first, but lie where they run: with what they read, where nobody else reads it, else with those
    that read them.
    """
    path, _, word = name.rpartition(".")
    if path and "@" in word:
        sources, readers = list(net.pred[name]), list(net.succ[name])
        beside = [other.rpartition(".")[0] for other in (*sources, *readers)]
        if not any(f"{other}.".startswith(f"{path}.") for other in beside):
            alone = len(sources) == 1 and len(net.succ[sources[0]]) == 1
            near = beside[:1] if alone or not readers else beside[len(sources) :]
            path = _common(near)
    return path, word


def _common(paths: Sequence[str]) -> str:
    """Return the path of the innermost module around all."""
    words = zip(*(path.split(".") for path in paths), strict=False)
    same = itertools.takewhile(lambda each: len(set(each)) == 1, words)
    return ".".join(each[0] for each in same)


def _module(found: dict[str, Module], path: str) -> Module:
    """Return the module of a path, made with those around it where it is new."""
    missing = []
    while path not in found:
        missing.append(path)
        path = path.rpartition(".")[0]
    module = found[path]
    for deeper in reversed(missing):
        outer, module = module, Module(deeper, module, module.depth + 1)
        outer.inside.append(module)
        outer.numbered &= deeper.rpartition(".")[2].isdecimal()
        found[deeper] = module
    return module


def _pass_up(module: Module, outer: Module) -> None:
    outer.size += module.size
    outer.layers += module.layers
    outer.steps += module.steps
    outer.first, outer.last = min(outer.first, module.first), max(outer.last, module.last)
    outer.branches |= module.branches
    if len(module.members) == 1:
        outer.merges |= module.merges


def _link(net: WiredGraph, lies_in: Mapping[str, Module]) -> None:
    """Tell each module which of the modules inside it read each other."""
    for source, target in net.edges:
        here, there = lies_in[source], lies_in[target]
        below: tuple[Module, Module] | None = None
        while here is not there:
            below = here, there
            up = here.outer if here.depth >= there.depth else here
            if there.depth >= here.depth:
                there = there.outer or there
            here = up or here
        if below is not None and below[0].outer is here and below[1].outer is here:
            here.links.add((below[0].path, below[1].path))
