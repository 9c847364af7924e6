"""Python expressions laid out as ruff and Black do: on one line, or one argument per line."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "WIDTH",
    "Brackets",
    "Expression",
    "Keyword",
    "Loop",
    "Operation",
    "call",
    "flat",
    "lay_out",
]

WIDTH = 88
"""The line length that ruff and Black have by default."""


@dataclass(frozen=True, slots=True)
class Brackets:
    """Items between brackets: ``nn.Conv2d(`` items ``)``; ``tall`` asks for one item per line."""

    opening: str
    items: tuple[Expression, ...]
    closing: str
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Keyword:
    """A named item: an argument ``stride=2``, or a dictionary's ``"key": value``."""

    name: str
    value: Expression
    sign: str = "="


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands joined by an operator such as ``+``; without one they are the lines of a text."""

    sign: str
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """What stands in a comprehension's brackets: ``item for _ in range(3)``."""

    item: Expression
    loop: str


Expression = str | Brackets | Keyword | Operation | Loop


def call(function: str, *items: Expression, tall: bool = False) -> Brackets:
    """Return a call of a function."""
    return Brackets(f"{function}(", items, ")", tall)


def lay_out(start: str, value: Expression, indent: int, end: str = "") -> str:
    """Return ``start``, the expression and ``end`` as lines; the first one is not indented."""
    line = flat(value)
    if line is not None and indent + len(start) + len(line) + len(end) <= WIDTH:
        return start + line + end
    pad, back = " " * (indent + 4), " " * indent
    if isinstance(value, Keyword):
        return lay_out(f"{start}{value.name}{value.sign}", value.value, indent, end)
    if isinstance(value, Loop):
        return f"{lay_out(start, value.item, indent)}\n{back}{value.loop}{end}"
    if isinstance(value, Operation):
        if not value.sign:
            separator = f"\n{back}"
            return f"{start}{separator.join(map(str, value.operands))}{end}"
        if line is not None and len(pad) + len(line) <= WIDTH:
            return f"{start}(\n{pad}{line}\n{back}){end}"
        rows = [lay_out("", operand, indent + 4) for operand in value.operands]
        joined = f"\n{pad}{f'{value.sign} ' if value.sign else ''}".join(rows)
        return f"{start}(\n{pad}{joined}\n{back}){end}"
    if isinstance(value, Brackets) and value.items:
        return f"{start}{value.opening}\n{_inside(value, indent + 4)}{back}{value.closing}{end}"
    return start + (line or "") + end


def _inside(value: Brackets, indent: int) -> str:
    """Return the lines between brackets: all arguments of a call on one, or an item on each."""
    pad = " " * indent
    if not value.tall:
        if len(value.items) == 1:
            return f"{pad}{lay_out('', value.items[0], indent)}\n"
        row = flat(Brackets("", value.items, ""))
        subscript = value.opening.endswith("[") and value.opening != "["
        if (value.closing.startswith(")") or subscript) and row and indent + len(row) <= WIDTH:
            return f"{pad}{row}\n"
    return "".join(f"{pad}{lay_out('', item, indent, ',')}\n" for item in value.items)


def flat(value: Expression) -> str | None:
    """Return the expression on one line; None when it must stand on several."""
    if isinstance(value, str):
        return value
    if isinstance(value, Keyword):
        inner = flat(value.value)
        return None if inner is None else f"{value.name}{value.sign}{inner}"
    if isinstance(value, Loop):
        inner = flat(value.item)
        return None if inner is None else f"{inner} {value.loop}"
    children = value.items if isinstance(value, Brackets) else value.operands
    parts = [flat(each) for each in children]
    texts = [part for part in parts if part is not None]
    if len(texts) < len(parts) or (isinstance(value, Brackets) and value.tall):
        return None
    if isinstance(value, Brackets):
        return f"{value.opening}{', '.join(texts)}{value.closing}"
    return f" {value.sign} ".join(texts) if value.sign else " ".join(texts)
