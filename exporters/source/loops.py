"""Runs of modules of one list, each reading the one before: ``for layer in self.layers``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from .forward_calls import Unit
from .python_names import is_attribute, snake

__all__ = ["each_of", "looped"]

_ELEMENT = re.compile(r"(.+)\[(\d+)\]")
_PLACE = re.compile(r"\[(\d+)\]")


def looped(
    units: Sequence[Unit], references: Mapping[str, str], outputs: Sequence[str]
) -> list[Unit]:
    """Return units with each run of a list's elements as one, a "loop" whose steps they are.

    Its path says what the loop goes over. ``references`` tell how each unit's module is reached.
    """
    uses = Counter(value for unit in units for value in unit.read)
    uses.update(outputs)
    places: dict[str, set[str]] = {}
    for text in references.values():
        for found in _PLACE.finditer(text):
            places.setdefault(text[: found.start()], set()).add(found[1])
    lengths = {listed: len(found) for listed, found in places.items()}
    made: list[Unit] = []
    run: list[Unit] = []
    for unit in units:
        if run and not _follows(run[-1], unit, references, uses):
            made += _closed(run, references, lengths)
            run = []
        run.append(unit)
    return made + _closed(run, references, lengths)


def _place(unit: Unit, references: Mapping[str, str]) -> tuple[str, int] | None:
    """Return the list that a unit's module is an element of, and which one."""
    if unit.kind == "expression" or not unit.inputs or len(unit.outputs) != 1:
        return None
    found = _ELEMENT.fullmatch(references.get(unit.path, ""))
    return (found[1], int(found[2])) if found else None


def _follows(
    unit: Unit, after: Unit, references: Mapping[str, str], uses: Mapping[str, int]
) -> bool:
    one, other = _place(unit, references), _place(after, references)
    return (
        one is not None
        and other == (one[0], one[1] + 1)
        and after.inputs == (unit.output, *unit.inputs[1:])
        and uses[unit.output] == 1
        and unit.training_only == after.training_only
    )


def _closed(
    run: Sequence[Unit], references: Mapping[str, str], lengths: Mapping[str, int]
) -> list[Unit]:
    if len(run) < 2:
        return list(run)
    (listed, first), last = _place(run[0], references) or ("", 0), run[-1]
    whole = len(run) == lengths[listed]
    if not whole and len(run) < 3:
        return list(run)
    over = listed if whole else f"{listed}[{first or ''}:{first + len(run)}]"
    loop = Unit(over, run[0].name, "loop", run[0].inputs, last.outputs, None, tuple(run))
    return [loop]


def each_of(over: str) -> str:
    """Return what one element is called: a layer of ``self.layers``."""
    word = snake(re.sub(r"\[[^\]]*\]$", "", over).rpartition(".")[2])
    single = word.removesuffix("s")
    return single if len(single) > 2 and is_attribute(single) else "block"
