"""The configurations of a sweep: every network with every choice of arguments, input and batch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from archgraph.errors import FormatError
from archgraph.limits import CONFIGURATIONS

__all__ = ["Choices", "Configuration", "cell_text", "input_choices", "value_choices"]

_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?")

Shapes = tuple[int, ...] | tuple[tuple[str, tuple[int | str, ...]], ...] | None
"""One shape without the batch, or whole shapes by the inputs' names; None is the usual one."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One network to count: its name, what its factory is given, its input and the batch."""

    net: str
    args: tuple[tuple[str, Any], ...]
    input: Shapes
    batch: int

    @property
    def settings(self) -> dict[str, Any]:
        """What a line of results says of it, by column."""
        shown = "" if self.input is None else _shown(self.input)
        return {"net": self.net, **dict(self.args), "input": shown, "batch": self.batch}

    @property
    def key(self) -> tuple[str, ...]:
        """What tells it from the others, the same when it was read from a file of results."""
        return tuple(map(cell_text, self.settings.values()))


def cell_text(value: object) -> str:
    """Return a value as a table of text holds it: None is empty, a list is JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _shown(shapes: Any) -> str:
    if shapes and isinstance(shapes[0], tuple):
        return " ".join(f"{name}:{'x'.join(map(str, shape))}" for name, shape in shapes)
    return "x".join(map(str, shapes))


@dataclass(frozen=True)
class Choices:
    """What is varied: each network, argument, input and batch with every other."""

    nets: tuple[str, ...]
    args: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    inputs: tuple[Shapes, ...] = (None,)
    batches: tuple[int, ...] = (1,)

    def __post_init__(self) -> None:
        for name in self.args:
            if name in ("net", "input", "batch", "error"):
                raise FormatError(
                    f"an argument '{name}' would be mistaken for a column of the results; give the "
                    "factory's argument another name."
                )
        if len(self) > CONFIGURATIONS:
            raise FormatError(
                f"these are {len(self):,} configurations, but a sweep has at most "
                f"{CONFIGURATIONS:,}; vary less, or sweep in parts."
            )

    def __len__(self) -> int:
        return prod(
            (len(self.nets), *map(len, self.args.values()), len(self.inputs), len(self.batches))
        )

    def __iter__(self) -> Iterator[Configuration]:
        """Yield the configurations; those that differ in the batch only follow one another."""
        names = tuple(self.args)
        for net, *values, shapes, batch in product(
            self.nets, *self.args.values(), self.inputs, self.batches
        ):
            yield Configuration(net, tuple(zip(names, values, strict=True)), shapes, batch)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that say which configuration a line is of."""
        return ("net", *self.args, "input", "batch")


def value_choices(text: str) -> tuple[Any, ...]:
    """Return what ``1,2,4`` and ``8..64..8`` mean: values with commas between, ranges with ends.

    A comma inside brackets or quotes does not part values. What is Python's value is that, any
    other text is text. Raises FormatError.
    """
    found: list[Any] = []
    for word in _parted(text):
        numbers = _range(word)
        found += [_value(word)] if numbers is None else numbers
    return tuple(found)


def _parted(text: str) -> list[str]:
    words, depth, quote = [""], 0, ""
    for char in text:
        quote = "" if char == quote else quote or (char if char in "'\"" else "")
        depth += not quote and (char in "([{") - (char in ")]}")
        if char == "," and depth == 0 and not quote:
            words.append("")
        else:
            words[-1] += char
    if "" in map(str.strip, words):
        raise FormatError(f"'{text}' has an empty value; write values as 1,2,4 or 8..64..8.")
    return [word.strip() for word in words]


def _range(word: str) -> list[int] | None:
    """Return the numbers of ``8..64..8``, both ends included; None for what is no range."""
    found = _RANGE.fullmatch(word)
    if found is None:
        return None
    first, last, step = int(found[1]), int(found[2]), int(found[3] or 1)
    if step == 0 or (last - first) * step < 0 or abs((last - first) // step) > CONFIGURATIONS:
        raise FormatError(
            f"the range '{word}' goes nowhere; write FIRST..LAST or FIRST..LAST..STEP, such as "
            "8..64..8."
        )
    return list(range(first, last + (1 if step > 0 else -1), step))


def _value(word: str) -> Any:
    from ast import literal_eval

    try:
        return literal_eval(word)
    except (ValueError, SyntaxError):
        return word


def input_choices(given: Sequence[str]) -> tuple[Shapes, ...]:
    """Return the inputs that ``3x128..256..32``, ``3x64x64,3x96x96`` and ``ids:Nx16..64..16`` mean.

    A range as the second of two extents, behind the channels, is both sides of a square image.
    Inputs by name, one text each, grow together: each has as many shapes as the others. Raises
    FormatError.
    """
    if not given:
        return (None,)
    named: dict[str, list[tuple[int | str, ...]]] = {}
    for text in given:
        name, colon, extents = text.rpartition(":")
        rows = [row for word in extents.split(",") for row in _shapes(word, text, bool(colon))]
        if not colon:
            if len(given) > 1:
                raise FormatError(
                    f"the input '{text}' has no name, but there are {len(given)}; write each as "
                    "NAME:SHAPE, or all shapes of one input with commas between."
                )
            return tuple(tuple(int(each) for each in row) for row in rows)
        named[name] = rows
    counts = {name: len(rows) for name, rows in named.items()}
    if len({*counts.values()}) > 1:
        said = " and ".join(f"{count} of '{name}'" for name, count in counts.items())
        raise FormatError(f"inputs grow together, but there are shapes: {said}.")
    return tuple(tuple(zip(named, rows, strict=True)) for rows in zip(*named.values(), strict=True))


def _shapes(word: str, text: str, whole: bool) -> list[tuple[int | str, ...]]:
    """Return the shapes that one word means."""
    axes: list[list[int | str]] = []
    for each in word.strip().replace("×", "x").split("x"):
        numbers = _range(each)
        if numbers is not None:
            axes.append([*numbers])
        elif each in ("N", "n") and whole:
            axes.append(["N"])
        else:
            axes.append([int(each)] if each.isdecimal() else [0])
    if any(isinstance(each, int) and each < 1 for axis in axes for each in axis):
        how = "NAME:Nx3x128..256..32" if whole else "3x224x224 or 3x128..256..32"
        raise FormatError(f"the input '{text}' is no shape; write {how}.")
    if not whole and len(axes) == 2 and len(axes[1]) > 1:
        return [(channels, side, side) for channels in axes[0] for side in axes[1]]
    return list(product(*axes))
