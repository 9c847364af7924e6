"""The limits of archgraph as a table: ``python -m bench.limits_table`` writes it into its page."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

from archgraph import limits
from archgraph.files import read_text
from bench.page import put

__all__ = ["PAGE", "limits_table"]

PAGE = Path("docs/security.md")


def limits_table() -> str:
    """Return each limit with its value and what it bounds, as its module says."""
    body = ast.parse(read_text(limits.__file__)).body
    rows = []
    for line, text in pairwise(body):
        match line, text:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(
                value=ast.Constant(value=str(said))
            ):
                if name in limits.__all__:
                    rows.append(f"| {_written(getattr(limits, name))} | {' '.join(said.split())} |")
    return "\n".join(("| at most | |", "|--:|---|", *rows))


def _written(value: float) -> str:
    if value >= 10**30:
        return f"{value:.0e}".replace("e+", " · 10^").replace("1 · ", "")
    bits = int(value).bit_length()
    whole = value == 2 ** (bits - 1) or value == 2**bits - 1
    if value > 2**20 and whole:
        return f"2^{bits - 1}" if value == 2 ** (bits - 1) else f"2^{bits} − 1"
    return f"{value:,}"


if __name__ == "__main__":
    put(PAGE, "limits", limits_table())
