"""The units that structure is looked for in: operators, or groups that a name or a paper gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from archgraph.ops import Input, Op
from archgraph.structure.map_scales import Scale
from archgraph.structure.regions import Chain, Flow
from archgraph.structure.repeats import Motifs
from archgraph.wiring import WiredGraph

__all__ = ["Units"]


@dataclass(frozen=True, slots=True)
class Units:
    """Units with the operators in each, how data flows between them, and what is told of them.

    Those ``outside`` are only read; data goes elsewhere from those ``leaving``; those ``made`` are
    computed from stored numbers only.
    """

    net: WiredGraph
    flow: Flow
    members: Mapping[str, Sequence[str]]
    scale: Mapping[str, Scale]
    motifs: Motifs
    place: Mapping[str, int]
    written: Mapping[str, int]
    outside: Set[str]
    leaving: Set[str]
    made: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        """Tell which units are computed from stored numbers only."""
        for unit in self.flow.order:
            if not self.is_given(unit) and self.made.issuperset(self.flow.reads[unit]):
                self.made.add(unit)

    def op(self, unit: str) -> Op | None:
        """Return the operator that a unit is; None for a group of several."""
        return self.net.op(self.members[unit][0]) if len(self.members[unit]) == 1 else None

    def shape(self, unit: str | None) -> object:
        """Return the shape of what a unit gives."""
        return unit and self.net.nodes[self.members[unit][-1]]["shape"]

    def works(self, unit: str) -> bool:
        """Return whether a unit does arithmetic, or looks up learned rows."""
        return any(map(self._works, self.members[unit]))

    def layers(self, unit: str) -> int:
        """Return how many operators of a unit do arithmetic."""
        return sum(map(self._works, self.members[unit]))

    def _works(self, name: str) -> bool:
        data = self.net.nodes[name]
        if not data["op"].known:  # it may be a layer
            return len(data["shape"] or ()) > 2
        return bool(data["macs"]) or data["op"].family in WORKING

    def enters(self, unit: str) -> bool:
        """Return whether data comes in here: an image, but neither a constant nor a list of words.

        What is looked up for words is data; they themselves say which are masked, too.
        """
        op = self.op(unit)
        if isinstance(op, Input):
            kind = op.dtype or ""
            return "int" not in kind and "bool" not in kind
        return unit in self.outside or (unit not in self.made and self.works(unit))

    def is_given(self, unit: str) -> bool:
        """Return whether a unit is an input, or lies outside."""
        return unit in self.outside or isinstance(self.op(unit), Input)

    def attends(self, units: Sequence[str]) -> bool:
        """Return whether an attention, or a softmax between layers, is among some units."""
        ops = [self.net.op(name) for unit in units for name in self.members[unit]]
        return any(op.family == "attention" or op.kind == "Softmax" for op in ops)

    def is_depthwise(self, unit: str) -> bool:
        """Return whether a unit is a convolution of each channel by itself."""
        op = self.op(unit)
        if op is None or op.family != "conv":
            return False
        words = op.words
        return words.groups > 1 and words.groups == words.width

    def is_dense(self, chains: Sequence[Chain]) -> bool:
        """Return whether most chains of a region begin with all that was computed before."""
        ops = [self.op(chain.nodes[0]) for chain in chains]
        return 2 * sum(op is not None and op.kind == "Concat" for op in ops) > len(ops)

    def has(self, units: Sequence[str], *families: str) -> bool:
        """Return whether an operator of some families is among some units."""
        return any(
            self.net.op(name).family in families for unit in units for name in self.members[unit]
        )

    def motif(self, units: Sequence[str]) -> int:
        """Return a number that equal sets of units share."""
        return self.motifs.of([name for unit in units for name in self.members[unit]])

    # ---- what is alike where widths, strides and sizes are not -----------------------------

    def sign(self, unit: str) -> object:
        """Return what units share that do the same: kind and window, but no width and no stride."""
        op = self.op(unit)
        if op is None:
            return "group", self.motif([unit])
        how = getattr(op, "function", "")
        window = op.words.window if op.family in ("conv", "pool") else ()
        return op.kind, how, window, self.is_depthwise(unit)

    def sign_of(self, chain: Chain, *, first: int = 0) -> tuple[object, ...]:
        """Return the sign of a chain: of its nodes and what lies between, silent ones left out."""
        signs: list[object] = []
        for node in chain.nodes[first:]:
            between = chain.before.get(node, ())
            if between:
                signs.append(tuple(sorted((self.sign_of(each) for each in between), key=repr)))
            op = self.op(node)
            if between or op is None or not op.silent:
                signs.append(self.sign(node))
        return tuple(signs)


WORKING = ("conv", "linear", "attention", "recurrent", "embedding")
