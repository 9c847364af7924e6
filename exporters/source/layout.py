"""Python expressions laid out as a formatter would: on one line, or one argument per line."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WIDTH", "Brackets", "Expression", "Keyword", "Operation", "call", "lay_out"]

WIDTH = 88


@dataclass(frozen=True, slots=True)
class Brackets:
    """Items between brackets: ``nn.Conv2d(`` items ``)``; ``tall`` asks for one item per line."""

    opening: str
    items: tuple[Expression, ...]
    closing: str
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Keyword:
    """An argument by its name."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    """Operands joined by an operator such as ``+``."""

    sign: str
    operands: tuple[Expression, ...]


Expression = str | Brackets | Keyword | Operation


def call(function: str, *items: Expression, tall: bool = False) -> Brackets:
    """Return a call of a function."""
    return Brackets(f"{function}(", items, ")", tall)


def lay_out(start: str, value: Expression, indent: int) -> str:
    """Return ``start`` and the expression as lines, of which only the first is not indented."""
    line = _flat(value)
    if line is not None and indent + len(start) + len(line) < WIDTH:
        return start + line
    pad = " " * (indent + 4)
    if isinstance(value, Keyword):
        return lay_out(f"{start}{value.name}=", value.value, indent)
    if isinstance(value, Brackets) and value.items:
        rows = [f"{pad}{lay_out('', item, indent + 4)},\n" for item in value.items]
        return f"{start}{value.opening}\n{''.join(rows)}{' ' * indent}{value.closing}"
    if isinstance(value, Operation):
        rows = [lay_out("", operand, indent + 4) for operand in value.operands]
        joined = f"\n{pad}{value.sign} ".join(rows)
        return f"{start}(\n{pad}{joined}\n{' ' * indent})"
    return start + (line or "")


def _flat(value: Expression) -> str | None:
    """Return the expression on one line; None when it must stand on several."""
    if isinstance(value, str):
        return value
    if isinstance(value, Keyword):
        inner = _flat(value.value)
        return None if inner is None else f"{value.name}={inner}"
    children = value.items if isinstance(value, Brackets) else value.operands
    parts = [_flat(each) for each in children]
    texts = [part for part in parts if part is not None]
    if len(texts) < len(parts) or (isinstance(value, Brackets) and value.tall):
        return None
    if isinstance(value, Brackets):
        return f"{value.opening}{', '.join(texts)}{value.closing}"
    return f" {value.sign} ".join(texts)
