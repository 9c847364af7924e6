"""Tensors that a network computes by itself, as the formulas that people write for them.

They are in no state dict, so that the written class makes them: ``torch.arange(16)``.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from archgraph.provenance import Weights
from archgraph.tensors import Stored, elements

from .code_layout import Brackets, Expression, Keyword, Operation, call, flat
from .literals import literal
from .moves import reshaped
from .python_names import quoted

__all__ = ["UNPACK", "Constant", "constant"]

_LARGEST = 2**22
"""Elements of a tensor whose numbers are looked at."""

_LISTED, _WIDEST = 1024, 24
"""Elements of a table that is written number by number, and those of one of its rows."""

UNPACK, ROTARY = "unpacked", "rotary_angles"
"""The functions that are written into files with packed tables and tables of rotary embeddings."""

_PACKED = {"float32": "f", "float64": "d", "int64": "q", "int32": "i", "bool": "?"}
_LONGEST, _ROW = 2000, 60
"""Characters of a packed table, and of one of its lines."""

Number = float | int | bool


class Constant(NamedTuple):
    """What makes a tensor, and what an attribute with it is called."""

    made: Expression
    word: str


def constant(key: str, stored: Stored, weights: Weights | None) -> Constant | None:
    """Return how a constant is written; None where its numbers are unknown or follow no formula."""
    if stored.kind != "constant" or stored.shape == () or elements(stored.shape) > _LARGEST:
        return None
    numbers: Sequence[Number] | None = stored.value
    if numbers is None and weights is not None and key in weights:
        numbers = weights[key].reshape(-1).tolist()
    if not numbers or not all(isinstance(each, (bool, int, float)) for each in numbers):
        return None
    word = key.rpartition(".")[2]
    for form in (_equal, _counted, _triangle, _rotary, _listed, _packed):
        found = form(numbers, stored.shape, stored.dtype)
        if found is not None:
            return Constant(found.made, found.word or (word if word not in _MEANINGLESS else ""))
    return None


_MEANINGLESS = ("constant", "input", "other", "self", "condition", "tensor1", "tensor2", "mat2")


def _typed(dtype: str, usual: str = "float32") -> list[Expression]:
    return [] if dtype == usual else [Keyword("dtype", f"torch.{dtype}")]


def _equal(numbers: Sequence[Number], shape: Sequence[int], dtype: str) -> Constant | None:
    first = numbers[0]
    if any(each != first for each in numbers):
        return None
    if first in (0, 1):
        name = "ones" if first else "zeros"
        return Constant(call(f"torch.{name}", *map(str, shape), *_typed(dtype)), "")
    size = Brackets("(", tuple(map(str, shape)), ",)" if len(shape) == 1 else ")")
    usual = {bool: "bool", int: "int64"}.get(type(first), "float32")
    return Constant(call("torch.full", size, literal(first), *_typed(dtype, usual)), "")


def _counted(numbers: Sequence[Number], shape: Sequence[int], dtype: str) -> Constant | None:
    if dtype == "bool" or len(numbers) < 3 or any(each != int(each) for each in _finite(numbers)):
        return None
    start, step = int(numbers[0]), int(numbers[1]) - int(numbers[0])
    if not step or [*numbers] != [start + step * n for n in range(len(numbers))]:
        return None
    ends = [str(start)] if start or step != 1 else []
    ends += [str(start + step * len(numbers))] + ([str(step)] if step != 1 else [])
    made = call("torch.arange", *ends, *_typed(dtype, "int64"))
    return Constant(_shaped(made, (len(numbers),), shape), "positions")


def _finite(numbers: Sequence[Number]) -> Sequence[Number]:
    return numbers if all(map(math.isfinite, numbers)) else (0.5,)


def _triangle(numbers: Sequence[Number], shape: Sequence[int], dtype: str) -> Constant | None:
    if len(shape) < 2 or elements(shape) != shape[-1] * shape[-2] or shape[-2] < 2:
        return None
    rows, columns = shape[-2:]
    below, above = numbers[-columns], numbers[columns - 1]
    wanted = [below if j <= i else above for i in range(rows) for j in range(columns)]
    if below == above or [*numbers] != wanted:
        return None
    if above == 0:
        filled = _equal([below], (rows, columns), dtype)
        cut = "tril()"
    elif below == 0:
        filled, cut = _equal([above], (rows, columns), dtype), "triu(1)"
    else:
        return None
    assert filled is not None  # equal numbers have a form
    made = f"{flat(filled.made)}.{cut}"
    return Constant(_shaped(made, (rows, columns), shape), "causal_mask")


def _rotary(numbers: Sequence[Number], shape: Sequence[int], dtype: str) -> Constant | None:
    """Return a table of cos or sin of position × frequency (Su et al., 2021, section 3.2.2).

    The frequencies are base^(−2i/d), each twice: as two halves, or side by side.
    """
    if dtype != "float32" or len(shape) < 2:
        return None
    length = next((size for size in shape[:-1] if size != 1), 1)
    width = shape[-1]
    if length < 3 or length * width != len(numbers) or width < 4 or width % 2:
        return None
    row = numbers[width : 2 * width]  # of position 1: the frequencies themselves
    function = math.cos if numbers[0] == 1 else math.sin
    inverse = math.acos if function is math.cos else math.asin
    if not all(-1 <= each <= 1 for each in row):
        return None
    halves = math.isclose(row[0], row[width // 2], abs_tol=1e-6)
    second = inverse(row[1] if halves else row[2])
    if not 0 < second < 1:
        return None
    base = round(second ** (-width / 2))
    steps = [base ** (-2 * n / width) for n in range(width // 2)]
    angles = steps * 2 if halves else [each for each in steps for _ in range(2)]
    for position in (0, 1, 2, length // 2, length - 1):
        part = numbers[position * width : (position + 1) * width]
        for value, angle in zip(part, angles, strict=True):
            if abs(value - function(position * angle)) > 2e-6 * (1 + position):
                return None
    given = [str(length), str(width), *([] if base == 10000 else [f"{base:.1f}"])]
    twice = [] if halves else [Keyword("side_by_side", "True")]
    angles_of = flat(call(ROTARY, *given, *twice))
    made = f"{angles_of}.{function.__name__}(){_reshape((length, width), shape)}"
    return Constant(made, function.__name__)


def _listed(numbers: Sequence[Number], shape: Sequence[int], dtype: str) -> Constant | None:
    """Return a small table, row by row."""
    if dtype.startswith(("float", "bfloat")) and len(numbers) > 64:
        return None
    if len(numbers) > _LISTED or (shape[-1] > _WIDEST and len(numbers) > 64):
        return None
    if len(numbers) != shape[-1]:
        width = shape[-1]
        rows = tuple(
            Brackets("[", tuple(map(literal, numbers[n : n + width])), "]")
            for n in range(0, len(numbers), width)
        )
        made = call("torch.tensor", Brackets("[", rows, "]"), *_typed(dtype, "int64"))
        return Constant(_shaped(made, (len(rows), width), shape), "")
    values = Brackets("[", tuple(map(literal, numbers)), "]")
    usual = {bool: "bool", int: "int64"}.get(type(numbers[0]), "float32")
    made = call("torch.tensor", values, *_typed(dtype, usual))
    return Constant(_shaped(made, (len(numbers),), shape), "")


def _packed(numbers: Sequence[Number], shape: Sequence[int], dtype: str) -> Constant | None:
    """Return a table of much repetition as text, which the file's own function unpacks."""
    kind = _PACKED.get(dtype)
    if kind is None:
        return None
    packed = zlib.compress(struct.pack(f"<{len(numbers)}{kind}", *numbers), 9)
    text = base64.b85encode(packed).decode()
    if len(text) > _LONGEST:
        return None
    rows = [quoted(text[n : n + _ROW]) for n in range(0, len(text), _ROW)]
    size = Brackets("(", tuple(map(str, shape)), ",)" if len(shape) == 1 else ")")
    return Constant(call(UNPACK, Operation("", tuple(rows)), size, f"torch.{dtype}"), "")


def _shaped(made: Expression, before: Sequence[int], after: Sequence[int]) -> Expression:
    end = _reshape(before, after)
    if not end:
        return made
    if isinstance(made, Brackets):
        return Brackets(made.opening, made.items, f"{made.closing}{end}", made.tall)
    return f"{flat(made)}{end}"


def _reshape(before: Sequence[int], after: Sequence[int]) -> str:
    if tuple(before) == tuple(after):
        return ""
    added = len(after) - len(before)
    if added > 0 and tuple(after) == (*(1,) * added, *before):
        return f"[{', '.join(['None'] * added)}]"
    found = reshaped("", before, after) or call(".reshape", *map(str, after))
    return flat(found) or ""
