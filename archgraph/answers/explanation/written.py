"""Whole numbers that know how they were computed, so that formulas write themselves.

An operator's own code, run on these, gives its cost and the formula with its values: what is shown
can't differ from what was counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Written", "spelled"]

_LOOSE, _TIGHT = " · ", "·"


class _Form(NamedTuple):
    """How a number is written; ``kind`` is how its parts hold together, see ``_BINDS``."""

    kind: str
    text: str


class Written(int):
    """A whole number with the text of what it was computed from.

    ``label`` is written in its place, where it has one; a ``silent`` 1 is left out of products,
    as the batch of one image is.
    """

    form: _Form
    silent: bool

    def __new__(cls, value: int, label: str = "", *, silent: bool = False) -> Written:
        """Return a number that is written as itself, or as ``label``."""
        return _made(int(value), _Form("value", label or spelled(value)), silent)

    @property
    def text(self) -> str:
        """The formula with its values, such as ``64·56·56 · 3·11·11``."""
        return self.form.text

    @property
    def told(self) -> bool:
        """Whether its text says more than the number."""
        return self.form.text != spelled(int(self))

    def __add__(self, other: Any) -> Any:
        return _sum(self, other, "+")

    def __radd__(self, other: Any) -> Any:
        return _sum(other, self, "+")

    def __sub__(self, other: Any) -> Any:
        return _sum(self, other, "−")

    def __rsub__(self, other: Any) -> Any:
        return _sum(other, self, "−")

    def __mul__(self, other: Any) -> Any:
        return _product(self, other)

    def __rmul__(self, other: Any) -> Any:
        return _product(other, self)

    def __floordiv__(self, other: Any) -> Any:
        return _quotient(self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _quotient(other, self)

    def __neg__(self) -> Written:
        kind, text = self.form
        if kind == "floor" and text.startswith("⌊−"):  # −⌊−a / b⌋, the way to round up
            return _made(-int(self), _Form("ceiling", f"⌈{text[2:-1]}⌉"))
        if kind == "negative":  # −(−a), rounded up by steps of one
            inner = text.removeprefix("−")
            return _made(-int(self), _Form("sum", inner[1:-1] if _enclosed(inner) else inner))
        return _made(-int(self), _Form("negative", f"−{_inside(self, 'product')}"))

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        if modulus is not None or type(other) is not int or other < 0:
            return pow(int(self), other, modulus)
        power = "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(digit)] for digit in str(other))
        return _made(int(self) ** other, _Form("power", f"{_inside(self, 'base')}{power}"))

    def __mod__(self, other: Any) -> Any:
        return int(self) % other

    def __reduce__(self) -> tuple[type[int], tuple[int]]:
        return int, (int(self),)


def spelled(value: int) -> str:
    """Return a whole number with commas and a proper minus sign."""
    return f"{value:,}".replace("-", "−") if abs(value) >= 10_000 else str(value).replace("-", "−")


def _made(value: int, form: _Form, silent: bool = False) -> Written:
    found = int.__new__(Written, value)
    found.form, found.silent = form, silent
    return found


def _written(value: Any) -> Written | None:
    """Return a number as a written one; a plain 1 is silent. None for what is no whole number."""
    if isinstance(value, Written):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return Written(value, silent=value == 1)


_BINDS = {"sum": 0, "negative": 0, "loose": 1, "product": 2, "power": 3, "base": 4}
"""How tightly the parts of a form hold together; what is not here needs no brackets."""


def _inside(number: Written, place: str) -> str:
    """Return a number's text as a part of a form, in brackets where it needs them."""
    kind, text = number.form
    return f"({text})" if _BINDS.get(kind, 9) < _BINDS[place] else text


def _enclosed(text: str) -> bool:
    """Return whether one pair of brackets holds all of a text."""
    depth = 0
    for place, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth:
            return place > 0 and place == len(text) - 1
    return False


def _sum(one: Any, other: Any, sign: str) -> Any:
    left, right = _written(one), _written(other)
    if left is None or right is None:
        return int(one) + other if sign == "+" else int(one) - other
    value = int(left) + int(right) if sign == "+" else int(left) - int(right)
    if right == 0:
        return left
    if left == 0 and sign == "+":
        return right
    kind, text = right.form
    behind = f"({text})" if kind == "negative" or (sign == "−" and kind == "sum") else text
    return _made(value, _Form("sum", f"{left.text} {sign} {behind}"))


def _product(one: Any, other: Any) -> Any:
    left, right = _written(one), _written(other)
    if left is None or right is None:
        return int(one) * other if left is not None else one * int(other)
    value = int(left) * int(right)
    if left.silent:
        return right
    if right.silent:
        return left
    many = ("product", "loose")
    if left.form.kind in many and right.form.kind in many:
        return _made(value, _Form("loose", f"{left.text}{_LOOSE}{right.text}"))
    if "loose" in (left.form.kind, right.form.kind):
        return _made(
            value, _Form("loose", f"{_inside(left, 'loose')}{_LOOSE}{_inside(right, 'loose')}")
        )
    text = f"{_inside(left, 'product')}{_TIGHT}{_inside(right, 'product')}"
    return _made(value, _Form("product", text))


def _quotient(one: Any, other: Any) -> Any:
    left, right = _written(one), _written(other)
    if left is None or right is None:
        return int(one) // other
    if right == 1:
        return left
    value, rest = divmod(int(left), int(right))
    above = left.text if left.form.kind == "negative" else _inside(left, "product")
    text = f"{above} / {_inside(right, 'power')}"
    if not rest and left.form.kind == "value":
        return _made(value, _Form("product", f"{left.text}/{_inside(right, 'power')}"))
    return _made(value, _Form("floor", f"⌊{text}⌋"))
