"""What an ``__init__`` builds for each unit: calls of constructors, alone or in a Sequential."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from archgraph.errors import ExportError

from .code_layout import Brackets, Expression, Keyword, Loop, call
from .fields import Field, constructor
from .forward_calls import Unit
from .python_names import quoted
from .source_units import Structure

__all__ = ["Call", "Chain", "Construct", "build", "construct", "fields_of"]


@dataclass(frozen=True, slots=True)
class Call:
    """A constructor and its arguments."""

    function: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """An nn.Sequential; ``words`` are the names of its elements, where those are not numbers."""

    steps: tuple[Construct, ...]
    words: tuple[str, ...] = ()


Construct = Call | Chain


def construct(unit: Unit, structure: Structure, block: Callable[[str, str], Call]) -> Construct:
    """Return what builds a unit; ``block`` gives the call of a block's class, by path and label.

    Raises ExportError naming the node whose operator PyTorch does not have.
    """
    if unit.kind == "sequential":
        words = tuple(step.path.rpartition(".")[2] for step in unit.steps)
        numbered = all(word == str(number) for number, word in enumerate(words))
        steps = tuple(construct(step, structure, block) for step in unit.steps)
        return Chain(steps, () if numbered else words)
    if unit.op is None:
        return block(unit.name, _label(structure, unit.name))
    try:
        shape = structure.net.tensor(unit.output).shape if unit.outputs else ()
        known = {} if shape is None else {"rank": len(shape)}
        return Call(*constructor(unit.op, _label(structure, unit.name), **known))
    except ExportError as error:
        raise ExportError(
            f"node '{unit.name}' cannot be written as PyTorch source: {error}."
        ) from None


def fields_of(made: Construct) -> Iterator[Field]:
    """Yield all arguments, in the order in which they are written."""
    if isinstance(made, Call):
        yield from made.fields
    else:
        for step in made.steps:
            yield from fields_of(step)


def build(made: Construct, texts: Iterator[str | None]) -> Expression:
    """Return the expression; ``texts`` says each argument in turn, None for one left out."""
    if isinstance(made, Chain):
        steps = [build(step, texts) for step in made.steps]
        if made.words:
            return call("nn.Sequential", call("OrderedDict", _named(made.words, steps)))
        steps = _folded(steps)
        return call("nn.Sequential", *steps, tall=len(steps) > 1)
    given = [(field, next(texts)) for field in made.fields]
    items = [
        text if field.positional else Keyword(field.name, text)
        for field, text in given
        if text is not None
    ]
    return call(made.function, *items)


def _named(words: Sequence[str], steps: Sequence[Expression]) -> Expression:
    """Return named elements; those that differ by a number alone as a loop over it."""
    stem = words[0].rstrip("0123456789")
    first = words[0].removeprefix(stem)
    counted = [f"{stem}{int(first) + n}" for n, _ in enumerate(words)] if first else []
    if len(words) > 2 and list(words) == counted and all(step == steps[0] for step in steps):
        name = f'f"{stem}{{n}}"'
        until = len(words) if first == "0" else f"{first}, {int(first) + len(words)}"
        return Loop(Brackets("(", (name, steps[0]), ")"), f"for n in range({until})")
    pairs = zip(words, steps, strict=True)
    return Brackets("[", tuple(Brackets("(", (quoted(w), s), ")") for w, s in pairs), "]")


def _folded(steps: Sequence[Expression]) -> list[Expression]:
    """Return steps with three or more of the same in a row as a loop."""
    found: list[Expression] = []
    for step, run in groupby(steps):
        count = len(list(run))
        if count > 2:
            found.append(Brackets("*(", (Loop(step, f"for _ in range({count})"),), ")"))
        else:
            found += [step] * count
    return found


def _label(structure: Structure, path: str) -> str:
    """Return what the paper calls a node, or the first labelled node of a module."""
    for name in structure.members.get(path, [path]):
        if name in structure.net and "label" in structure.net.nodes[name]:
            return str(structure.net.nodes[name]["label"])
    return ""
