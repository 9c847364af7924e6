"""One operator of the network to come, and what nodes that are alike have in common of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from archgraph.evaluation import Evaluated
from archgraph.importers.onnx.call import Number, Read, Weight
from archgraph.importers.onnx.nodes import Node
from archgraph.importers.onnx.values import Static
from archgraph.ops import Op

__all__ = ["Step", "Unnamed", "named", "unnamed"]


@dataclass(slots=True)
class Step:
    """One operator: the values that it makes, what it reads, where it came from.

    ``name`` is set where the file notes it; ``part`` tells what a node's inner step is; ``origin``
    are the file's nodes that it stands for; ``known`` is what it gives and costs.
    """

    makes: tuple[str, ...]
    op: Op
    reads: tuple[Read, ...]
    weights: Mapping[str, Weight]
    node: Node | None = None
    name: str = ""
    part: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    origin: tuple[str, ...] = ()
    known: Evaluated | None = None

    @property
    def value(self) -> str:
        """The value that it is known by."""
        return self.makes[0]


Place = int | str
"""A name by its place: the number of an input or, behind all inputs, of an output.

A number below zero is what an input is stored as (~0: the first); text is what follows the name of
the first output, in that of a value inside a node.
"""


class Unnamed(NamedTuple):
    """A step without its names: what any node that is like the one that it is of becomes."""

    makes: tuple[Place, ...]
    op: Op
    reads: tuple[Place | Number, ...]
    weights: tuple[tuple[str, Place, Weight], ...]
    part: str
    known: Evaluated | None


def unnamed(node: Node, steps: Sequence[Step], static: Mapping[str, Static]) -> list[Unnamed]:
    """Return the steps of a node without its names; none at all where they hold others."""
    places: dict[str, Place] = {}
    for number, name in enumerate((*node.input, *node.output)):
        places.setdefault(name, number)
    for number, name in enumerate(node.input):
        if name in static and static[name].root:
            places.setdefault(static[name].root, ~number)
    first = node.output[0]

    def place(name: str) -> Place:
        found = places.get(name)
        if found is None and name.startswith(f"{first}\0"):
            return name[len(first) :]
        return places[name]

    try:
        return [
            Unnamed(
                tuple(map(place, step.makes)),
                step.op,
                tuple(r if isinstance(r, Number) else place(r) for r in step.reads),
                tuple((role, place(w.value), w) for role, w in step.weights.items()),
                step.part,
                step.known,
            )
            for step in steps
        ]
    except KeyError:
        return []


def named(node: Node, steps: Sequence[Unnamed], static: Mapping[str, Static]) -> list[Step]:
    """Return the steps of a node that is like the one that those without names are of."""
    names = node.input + node.output

    def name(place: Any) -> Any:
        if type(place) is int:
            return names[place] if place >= 0 else static[node.input[~place]].root
        return node.output[0] + place if type(place) is str else place

    return [
        Step(
            tuple(map(name, makes)),
            op,
            tuple(map(name, reads)),
            {role: Weight(name(value), *w[1:]) for role, value, w in weights},
            node,
            "",
            part,
            {},
            (),
            known,
        )
        for makes, op, reads, weights, part, known in steps
    ]
