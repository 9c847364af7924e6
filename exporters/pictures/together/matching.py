"""What two networks have in common, operator by operator, as pictures tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from archgraph.difference import Change, Difference, diff
from archgraph.difference.setting_text import setting_text
from archgraph.graph import ArchGraph

from ..dress.spoken import say

__all__ = ["LITTLE", "Matches", "State", "Twins", "is_quiet", "twins"]

State = Literal["added", "removed", "changed"]
"""What is said of an operator that is not the same in both networks."""

LITTLE = 1 / 3
"""Below this share of operators in common, two networks differ as a whole."""

TOLD = 3
"""How many things that differ a box tells; more are counted."""

ELSEWHERE = "reads from elsewhere"

CONTAINERS = ("Sequential", "ModuleList", "ModuleDict")
"""Classes that say nothing of what is in them."""

STORED = ("constant", "buffer", "parameter")
"""What an operator reads of what is stored."""

EFFECTLESS = frozenset(("ceil_mode", "momentum"))
"""Settings that change nothing at inference where the output has the same shape."""


@dataclass(frozen=True, slots=True)
class Twins:
    """Two networks, matched by what their operators do.

    ``states`` are, for each network, the operators that are not the same in the other one;
    ``partners`` for each the operators that are in both, with their names in the other.
    ``words`` say what changed of an operator of the second network.
    """

    difference: Difference
    states: tuple[Mapping[str, State], Mapping[str, State]]
    partners: tuple[Mapping[str, str], Mapping[str, str]]
    words: Mapping[str, tuple[str, ...]]

    @property
    def equal(self) -> bool:
        """Whether both are the same, but maybe for names."""
        return self.difference.isomorphic

    @property
    def common(self) -> float:
        """The share of the operators of both networks that are in both, as they are."""
        nets = self.difference.first, self.difference.second
        same = [
            sum(1 for name in net if name not in states)
            for net, states in zip(nets, self.states, strict=True)
        ]
        return sum(same) / max(sum(map(len, nets)), 1)

    def told(self, names: Iterable[str], gone: Iterable[str] = ()) -> tuple[str, ...]:
        """Return in words what changed in a box: of operators of the second network.

        ``gone`` are operators that only the first one has.
        """
        first, second = self.difference.first, self.difference.second
        names = list(names)
        loud = [name for name in names if not is_quiet(second, name)] or names
        found = _widths(
            Counter(
                text for name in loud if self._speaks(name) for text in self.words.get(name, ())
            )
        )
        texts = [
            f"{count} × {text}" if count > 1 else text
            for text, count in found.items()
            if text != ELSEWHERE
        ]
        for sign, net, these in (
            ("+", second, [name for name in names if self.states[1].get(name) == "added"]),
            ("−", first, list(gone)),
        ):
            for text, count in Counter(_called(net, these)).items():
                texts.append(f"{sign} {count} × {text}" if count > 1 else f"{sign} {text}")
        texts += [text for text in found if text == ELSEWHERE]
        more = len(texts) - TOLD
        return tuple([*texts[:TOLD], say("and {count} more", count=more)] if more > 1 else texts)

    def _speaks(self, name: str) -> bool:
        """Return whether what changed of an operator does not follow from the layer before it."""
        return self.difference.second.op(name).family != "norm" or not any(
            text.startswith("channels ") for text in self.words.get(name, ())
        )


def twins(first: ArchGraph, second: ArchGraph) -> Twins:
    """Return two networks matched; what only moves data is never told."""
    found = diff(first, second)
    changed = [*found.inputs, *found.replaced, *found.changed, *found.resized]
    changed += [*found.retyped, *found.rewired]
    words: dict[str, list[str]] = {}
    states: tuple[dict[str, State], dict[str, State]] = ({}, {})
    for change in changed:
        texts = _texts(change, first, second)
        if texts:
            words.setdefault(change.after, []).extend(texts)
            states[0][change.before] = states[1][change.after] = "changed"
    states[0].update(dict.fromkeys(found.removed, "removed"))
    states[1].update(dict.fromkeys(found.added, "added"))
    back = {other: one for one, other in found.pairs.items()}
    told = {name: tuple(dict.fromkeys(texts)) for name, texts in words.items()}
    return Twins(found, states, (found.pairs, back), told)


def is_quiet(net: ArchGraph, name: str) -> bool:
    """Return whether an operator only moves data."""
    op = net.op(name)
    return op.moves or op.silent


def _texts(change: Change, first: ArchGraph, second: ArchGraph) -> list[str]:
    """Return what changed of an operator; nothing where that has no effect."""
    before, after = first.nodes[change.before], second.nodes[change.after]
    same = before["shape"] == after["shape"] and before["params"] == after["params"]
    settings = [each for each in change.settings if not (same and each.name in EFFECTLESS)]
    names = {setting.name for setting in settings}
    if "reads" in names:
        return [ELSEWHERE]
    if names == {"operator"}:
        one, two = (data["op"].words.text() for data in (before, after))
        if one == two and same:  # "global avg pool", whatever its class
            return []
        return [f"{one} → {two}"] if one != two else [*map(setting_text, settings)]
    return [
        f"another {setting.name}" if setting.name in STORED else setting_text(setting)
        for setting in settings
    ]


def _widths(found: Counter[str]) -> Counter[str]:
    """Return what changed with a width that goes in and out said once: ``width 64 → 128``."""
    made: Counter[str] = Counter()
    for text, count in found.items():
        word, _, rest = text.partition(" ")
        if word in ("in", "out") and f"in {rest}" in found and f"out {rest}" in found:
            made[f"width {rest}"] = 1
        else:
            made[text] = count
    return made


def _called(net: ArchGraph, names: Sequence[str]) -> list[str]:
    """Return what people call operators: layers, joins and the like, else whatever they are.

    A module of several that is there or is not as a whole is called by its class or its name.
    """
    ops = {name: net.op(name) for name in names if not is_quiet(net, name)}
    loud = {name: op for name, op in ops.items() if not op.quiet}
    loud = loud or {name: op for name, op in ops.items() if op.family == "norm"} or ops
    modules = _whole_modules(net, loud, set(names))
    classes: Mapping[str, str] = net.graph.get("modules") or {}
    found: dict[str, str] = {}
    for name, op in loud.items():
        path = modules.get(name)
        if path is None:
            found[name] = "shortcut" if op.sums else op.words.text(named=True)
        else:
            known, own = classes.get(path, ""), path.rpartition(".")[2]
            own = "block" if own.isdecimal() else own
            found[path] = own if known in CONTAINERS else known or own
    return list(found.values())


def _whole_modules(net: ArchGraph, loud: Iterable[str], names: Set[str]) -> dict[str, str]:
    """Return for operators the outermost module around them of which all are among some names."""
    around: dict[str, list[str]] = {}
    for name in loud:
        words = name.split(".")
        for count in range(1, len(words)):
            around.setdefault(".".join(words[:count]), []).append(name)
    several = [path for path, inside in around.items() if len(inside) > 1]
    others = [name for name in net if name not in names]
    found: dict[str, str] = {}
    for path in sorted(several, key=len):
        if not any(name.startswith(f"{path}.") for name in others):
            found = dict.fromkeys(around[path], path) | found
    return found


class Matches:
    """Several networks, each matched with each other one, by their places."""

    def __init__(self, nets: Sequence[ArchGraph]) -> None:
        self.twins = {
            (one, other): twins(nets[one], nets[other])
            for one, other in combinations(range(len(nets)), 2)
        }
        self.states: dict[tuple[int, int], Mapping[str, State]] = {}
        """What operators of the first place are not the same at the second place."""
        self.partners: dict[tuple[int, int], Mapping[str, str]] = {}
        """What operators of the first place are called at the second place."""
        for (one, other), found in self.twins.items():
            self.states[one, other], self.states[other, one] = found.states
            self.partners[one, other], self.partners[other, one] = found.partners

    @property
    def common(self) -> float:
        """The least share of operators that two of them have in common."""
        return min(found.common for found in self.twins.values())

    @property
    def equal(self) -> bool:
        """Whether all are the same, but maybe for names."""
        return all(found.equal for found in self.twins.values())
