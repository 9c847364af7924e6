"""The formulas of all operators of a network: those of equal ones are made once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from archgraph.answers.explanation.node import Formula, Traced
from archgraph.graph import ArchGraph

__all__ = ["Formulas", "formulas"]

LONGEST = 160
"""A formula with more characters than this tells nobody anything, and is left out."""


@dataclass(frozen=True, slots=True)
class Formulas:
    """How an operator's numbers come about, for one image: its extents, and its costs by metric.

    What is not computed, or not by a formula that can be read, is not there.
    """

    extents: tuple[Formula, ...] = ()
    costs: Mapping[str, Formula] = field(default_factory=dict)


def formulas(net: ArchGraph) -> dict[str, Formulas]:
    """Return the formulas of each node by name; of equal operators on equal shapes the same."""
    made: dict[object, Formulas] = {}
    found = {}
    for name, data in net.nodes(data=True):
        op = net.op(name)
        inputs = tuple(net.tensor(source, name).shape for source in net.reads(name))
        dtype = data["outputs"][0].dtype
        # A batch equals the number 1, but is not written.
        kinds = tuple(tuple(map(type, shape or ())) for shape in inputs)
        sign = repr((op.kind, op, inputs, kinds, dtype))
        if sign not in made:
            made[sign] = Formulas()
            if None not in inputs:
                made[sign] = _formulas(Traced.of(op, inputs, dtype))
        each = made[sign]
        # What is not the cost of the node is no formula of it: of shared weights, say.
        true = {key: one for key, one in each.costs.items() if data.get(key) == one.value}
        found[name] = each if len(true) == len(each.costs) else Formulas(each.extents, true)
    return found


def _formulas(traced: Traced | None) -> Formulas:
    if traced is None:
        return Formulas()
    costs = {
        key: Formula(key, each.text, int(each))
        for key, each in traced.formulas.items()
        if each.told and len(each.text) <= LONGEST
    }
    extents = (each for each in traced.extents() if len(each.text) <= LONGEST)
    return Formulas(tuple(extents), costs)
