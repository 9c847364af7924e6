"""Functions of each element: of one tensor, of two, of three."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple

from archgraph.errors import ShapeError
from archgraph.forms import shown
from archgraph.nearest import nearest
from archgraph.ops.base import EACH, Op, Reach, Real, Shape, broadcast, elements
from archgraph.ops.words import Form, Words
from archgraph.tensors import Tensor, promoted

__all__ = ["POINTWISE", "Pointwise"]

Result = Literal["same", "float", "bool", "rest"]
"""The result's type: the inputs' common one, a float, bool, that of all but the first input."""


class Function(NamedTuple):
    """How many inputs a function has, how it is written, its FLOPs per element, its result.

    ``numbers`` are the constants of its formula by PyTorch's names, with PyTorch's defaults.
    """

    arity: int
    sign: str
    flops: int = 1
    result: Result = "same"
    numbers: Mapping[str, float] = {}


_OF_ONE = (
    "exp expm1 log log1p log2 sqrt sin cos tan asin acos atan sinh cosh asinh acosh atanh erf "
    "softsign mish selu logsigmoid"
)

_WITH_NUMBERS = {
    "softplus": {"beta": 1.0, "threshold": 20.0},
    "elu": {"alpha": 1.0},
    "celu": {"alpha": 1.0},
    "hardtanh": {"min_val": -1.0, "max_val": 1.0},
    "hardshrink": {"lambd": 0.5},
    "softshrink": {"lambd": 0.5},
    "threshold": {"threshold": 0.0, "value": 0.0},
}

POINTWISE: dict[str, Function] = {
    **{name: Function(1, name) for name in ("abs", "sign", "floor", "ceil", "round", "trunc")},
    **{name: Function(1, name, 1, "float") for name in _OF_ONE.split()},
    **{name: Function(1, name, 1, "float", given) for name, given in _WITH_NUMBERS.items()},
    "neg": Function(1, "−x"),
    "rsqrt": Function(1, "1/√x", 2, "float"),
    "reciprocal": Function(1, "1/x", 1, "float"),
    "logical_not": Function(1, "not", 1, "bool"),
    "bitwise_not": Function(1, "~"),
    "isnan": Function(1, "is NaN?", 1, "bool"),
    "isinf": Function(1, "is ∞?", 1, "bool"),
    "sub": Function(2, "−"),
    "div": Function(2, "÷", 1, "float"),
    "floor_divide": Function(2, "//"),
    "remainder": Function(2, "mod"),
    "pow": Function(2, "xʸ"),
    "atan2": Function(2, "atan2", 1, "float"),
    "minimum": Function(2, "min"),
    "maximum": Function(2, "max"),
    "eq": Function(2, "=", 1, "bool"),
    "ne": Function(2, "≠", 1, "bool"),
    "lt": Function(2, "<", 1, "bool"),
    "le": Function(2, "≤", 1, "bool"),
    "gt": Function(2, ">", 1, "bool"),
    "ge": Function(2, "≥", 1, "bool"),
    "logical_and": Function(2, "and", 1, "bool"),
    "logical_or": Function(2, "or", 1, "bool"),
    "logical_xor": Function(2, "xor", 1, "bool"),
    "bitwise_and": Function(2, "&"),
    "bitwise_or": Function(2, "|"),
    "bitwise_xor": Function(2, "^"),
    "where": Function(3, "where", 0, "rest"),
    "clamp": Function(3, "clamp", 2),
    "lerp": Function(3, "lerp", 3),
}
"""The functions by name, PyTorch's. Each counts as one operation per element, like one
instruction, unless it is said otherwise; ``where`` only chooses."""

_KEEPS = {
    **dict.fromkeys(("exp", "expm1", "sqrt", "tan", "rsqrt", "reciprocal"), "output"),
    **dict.fromkeys(("elu", "softplus"), "input"),
    **dict.fromkeys(("sign", "floor", "ceil", "round", "trunc", "neg", "sub"), "nothing"),
    **dict.fromkeys(("logical_not", "bitwise_not", "isnan", "isinf"), "nothing"),
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge", "floor_divide"), "nothing"),
    **dict.fromkeys(("logical_and", "logical_or", "logical_xor"), "nothing"),
    **dict.fromkeys(("bitwise_and", "bitwise_or", "bitwise_xor", "remainder"), "nothing"),
    **dict.fromkeys(("clamp", "where"), "input"),
    "div": "others",
}
"""What the gradients of functions need where that is not their inputs."""


@dataclass(frozen=True)
class Pointwise(Op):
    """A function of each element; extents of 1 stretch.  FLOPs: those of its table, per element.

    ``function`` is a name of ``POINTWISE``; ``numbers`` the constants of its formula (alpha of
    elu) in PyTorch's order, none where they are PyTorch's defaults. What is calculated with
    (x · 0.5, x − 1) are stored constants that are read at their positions.
    """

    arity: ClassVar[int | None] = None
    family: ClassVar[str] = "elementwise"
    imagewise: ClassVar[bool] = True

    function: str
    numbers: tuple[Real, ...] = ()

    def __post_init__(self) -> None:
        Op.__post_init__(self)
        if self.function not in POINTWISE:
            raise ShapeError(
                f"there is no function '{self.function}' of each element"
                f"{nearest(self.function, POINTWISE)}."
            )
        usual = POINTWISE[self.function].numbers
        object.__setattr__(self, "numbers", tuple(map(float, self.numbers)))
        if self.numbers and len(self.numbers) != len(usual):
            raise ShapeError(
                f"'{self.function}' takes {', '.join(usual) or 'no'} numbers, not "
                f"{shown(self.numbers)}."
            )
        if self.numbers == tuple(usual.values()):
            object.__setattr__(self, "numbers", ())

    @property
    def constants(self) -> dict[str, float]:
        """The constants of its formula by PyTorch's names, defaults included."""
        usual = POINTWISE[self.function].numbers
        return dict(zip(usual, self.numbers or usual.values(), strict=True))

    def output_shape(self, *inputs: Shape) -> Shape:
        self._count(len(inputs))
        return broadcast(inputs)

    def unknown_outputs(
        self, inputs: Sequence[Tensor], weight: str = "float32"
    ) -> tuple[Tensor, ...]:
        self._count(len(inputs))
        return super().unknown_outputs(inputs, weight)

    def _count(self, inputs: int) -> None:
        wanted = POINTWISE[self.function].arity
        if inputs != wanted:
            raise ShapeError(f"'{self.function}' takes {wanted} inputs, but has {inputs}.")

    def separates(self, *inputs: Shape) -> bool:
        return len({len(shape) for shape in inputs}) == 1 and super().separates(*inputs)

    def element_types(self, inputs: Sequence[str | None], weight: str) -> str | None:
        result = POINTWISE[self.function].result
        if result == "bool":
            return "bool"
        found = promoted(inputs[1:] if result == "rest" else inputs)
        if result == "float" and found is not None and found.startswith(("int", "uint", "bool")):
            return "float32"
        return found

    def flops(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return POINTWISE[self.function].flops * elements(output)

    def reach(self, shape: Shape, axis: int) -> Reach | None:
        return EACH

    @property
    def keeps(self) -> str:
        """Of most functions the inputs, of some the output or nothing."""
        return _KEEPS.get(self.function, "inputs")

    @property
    def words(self) -> Words:
        """Written as formulas write it."""
        function = POINTWISE[self.function]
        return Words(function.sign, mark=function.sign if function.arity == 2 else "")

    @property
    def form(self) -> Form:
        """A circle around a sign between two tensors, as for sums and products."""
        sign = POINTWISE[self.function].sign
        return "dot" if POINTWISE[self.function].arity == 2 and len(sign) == 1 else "thin"
