"""A random network under construction: what has been made, and draws of what fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import strategies as st

import archgraph as ag
from archgraph import ops
from archgraph.ops import Op, Shape
from archgraph.tensors import N, Tensor, follows_batch, is_known

__all__ = ["Draw", "Growing"]

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class Growing:
    """A graph under construction; ``draw`` decides, but what is to ``prefer`` is always taken.

    ``offered`` takes in the names of all that could have been chosen.
    """

    draw: Draw
    net: ag.ArchGraph
    prefer: str = ""
    offered: set[str] = field(default_factory=set)
    numbers: Any = field(default_factory=count)

    def tensor(self, value: str) -> Tensor:
        return self.net.tensor(value)

    def whole(self, value: str) -> Shape:
        """Return the whole shape of a value, the batch included."""
        found = self.tensor(value).shape
        assert found is not None
        return found

    def shape(self, value: str) -> Shape:
        """Return the shape of a value whose axis 0 is the batch, without that."""
        return self.whole(value)[1:]

    def values(self) -> list[str]:
        """Return all that was made, the newest first."""
        found = []
        for name in self.net:
            outputs = self.net.nodes[name]["outputs"]
            found += [name, *(f"{name}:{n}" for n in range(1, len(outputs)))]
        return found[::-1]

    def any(
        self,
        accept: Callable[[Shape], bool] = lambda _: True,
        types: Sequence[str] = ("float32",),
    ) -> str | None:
        """Draw a value of a fitting whole shape and type, wherever its batch is."""
        fitting = [
            value
            for value in self.values()
            if self.tensor(value).dtype in types
            and is_known(self.tensor(value))
            and accept(self.whole(value))
        ]
        return self.draw(st.sampled_from(fitting)) if fitting else None

    def value(self) -> str | None:
        """Draw any value, of whatever type and shape, known or not."""
        made = self.values()
        return self.draw(st.sampled_from(made)) if made else None

    def pick(self, accept: Callable[[Shape], bool] = lambda _: True) -> str | None:
        """Draw a value with a fitting shape whose axis 0, and no other, is the batch."""
        return self.any(
            lambda whole: (
                whole[:1] == (N,)
                and not follows_batch(whole[1:])
                and len(whole) > 1
                and accept(whole[1:])
            )
        )

    def of_type(self, dtype: str, least: int = 0) -> str | None:
        """Draw a value of a type and at least so many axes, made of a float where there is none."""
        x = self.any(lambda whole: len(whole) >= least, (dtype,))
        if x or (real := self.any(lambda whole: len(whole) >= least)) is None:
            return x
        if dtype == "bool":
            return self.add(ops.Pointwise("gt"), real, self.add(ops.Tanh(), real))
        return self.add(ops.Cast(dtype), real)

    def integer(self, least: int, most: int) -> int:
        return int(self.draw(st.integers(least, most)))

    def one_of(self, *choices: Any) -> Any:
        """Draw a choice; names of operators and of their settings can be preferred."""
        named = {name: each for each in choices if (name := _name(each))}
        self.offered.update(named)
        return named.get(self.prefer) or self.draw(st.sampled_from(choices))

    def either(self) -> bool:
        return bool(self.draw(st.booleans()))

    def axis(self, whole: Shape, least: int = 1) -> int | None:
        """Draw an axis that is not the batch and at least so long."""
        axes = [i for i, size in enumerate(whole) if not follows_batch((size,)) and size >= least]
        return self.one_of(*axes) if axes else None

    def add(self, op: Op, *inputs: str, **attributes: Any) -> str:
        """Add an operator, at the top or inside a module."""
        number = next(self.numbers)
        path = self.draw(st.sampled_from(["", "stem.", f"block{number // 3}.branch."]))
        return self.net.add(f"{path}{op.kind.lower()}{number}", op, inputs, **attributes)

    def constant(self, *numbers: float, dtype: str = "float32", scalar: bool = False) -> str:
        """Store numbers of a formula: a row of them, or one alone."""
        key = f"number{next(self.numbers)}"
        shape = () if scalar else (len(numbers),)
        return self.net.store(key, shape, dtype, "constant", value=numbers)

    def map(self) -> str | None:
        """Draw a value of N×C×H×W."""
        return self.pick(lambda shape: len(shape) == 3)

    def of_rank(self, rank: int, accept: Callable[[Shape], bool] = lambda _: True) -> str | None:
        """Draw a value of so many axes beside the batch, made of a map where there is none."""
        found = self.pick(lambda shape: len(shape) == rank and accept(shape))
        if found or (x := self.map()) is None:
            return found
        if rank == 1:
            made = self.add(ops.Flatten(), x)
        elif rank == 2:
            made = self.add(ops.Select(0, 1), x)
        else:
            made = self.add(ops.Stack(2), x, x)
        return made if accept(self.shape(made)) else None


def _name(choice: Any) -> str:
    """Return an operator's name, its class's or a word; "" for numbers and the like."""
    if isinstance(choice, Op):
        return choice.kind
    return choice.__name__ if isinstance(choice, type) else choice if type(choice) is str else ""
