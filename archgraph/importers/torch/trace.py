"""What was seen when a module ran: values, and the calls that made them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from archgraph.tensors import ELEMENT_BITS

__all__ = ["Call", "Trace", "Value", "element_type"]

Source = Literal["input", "parameter", "buffer", "constant", "call"]


@cache
def element_type(dtype: object) -> str | None:
    """Return archgraph's name for a torch element type; None where it has none."""
    word = str(dtype).removeprefix("torch.")
    return word if word in ELEMENT_BITS else None


@dataclass(slots=True, eq=False)
class Value:
    """One tensor as it was at one time: what writes into it in place makes another.

    ``source`` says where it comes from and ``key`` under which name or state-dict key; a call
    gives its ``output``-th result. It is ``constant`` where it follows from neither inputs nor
    parameters; ``numbers`` are those of a small constant, row by row, and ``kept`` the tensor that
    holds those of any, with its version then: what is written into it later are other numbers.
    """

    index: int
    shape: tuple[int, ...]
    dtype: str | None
    source: Source
    constant: bool
    key: str = ""
    call: Call | None = None
    output: int = 0
    numbers: tuple[float | int | bool, ...] | None = None
    kept: tuple[Any, int] | None = None

    def __repr__(self) -> str:
        """Return a short text, for messages while developing."""
        return f"%{self.index}:{self.dtype}{list(self.shape)}"


@dataclass(slots=True, eq=False)
class Call:
    """One call of a function of ATen, by name (``conv2d``), its arguments by ATen's names.

    Tensors among the arguments are Values. ``scope`` is the path of the module that made it.
    """

    name: str
    arguments: dict[str, Any]
    scope: str
    outputs: list[Value] = field(default_factory=list)
    constant: bool = False

    def __getitem__(self, name: str) -> Any:
        return self.arguments.get(name)

    @property
    def values(self) -> list[Value]:
        """The tensors among its arguments."""
        listed = (
            each if isinstance(each, (list, tuple)) else (each,) for each in self.arguments.values()
        )
        return [value for each in listed for value in each if isinstance(value, Value)]


@dataclass(slots=True)
class Trace:
    """One run: the inputs, every value and call in order, and what was returned.

    ``names`` are what the module calls its results, where it returns a dict, say; ``way`` says how
    the module was run; ``partial`` why the run ends before the module does;
    ``asked`` which numbers the module looked at, in words.
    """

    inputs: list[Value]
    values: list[Value]
    calls: list[Call]
    results: list[Value]
    names: list[str] = field(default_factory=list)
    way: str = ""
    partial: str = ""
    asked: list[str] = field(default_factory=list)
