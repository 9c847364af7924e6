"""What was measured as the tables of docs/attention.md."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from importlib.metadata import version

from bench.counters.measuring import Measured
from bench.counters.tools import TOOLS

__all__ = ["glance", "table", "versions"]


def glance(sections: Mapping[str, str]) -> str:
    """Return a line for each tool, from the networks' tables: its numbers in percent of ours."""
    ours = {name: _number(text, r"\*\*([\d,]+) MACs") for name, text in sections.items()}
    products = {name: _number(text, r"of which ([\d,]+)") for name, text in sections.items()}
    shares = [
        f"{products[name] / ours[name]:.1%}".replace("%", " %") if products[name] else "–"
        for name in sections
    ]
    found = [
        f"| tool | {' | '.join(sections)} |",
        f"|---|{'--:|' * len(sections)}",
        f"| **archgraph, MACs** | {' | '.join(f'**{ours[name]:,}**' for name in sections)} |",
        f"| of these attention's products | {' | '.join(shares)} |",
    ]
    for tool in TOOLS:
        row = rf"^\| {re.escape(tool.name)} \| [^|]* \| ([\d,]+) \|"
        cells = [
            _percent(_number(text, row), ours[name], row, text) for name, text in sections.items()
        ]
        found.append(f"| {tool.name} | {' | '.join(cells)} |")
    return "\n".join(found)


def _number(text: str, pattern: str) -> int:
    found = re.search(pattern, text, re.M)
    return int(found[1].replace(",", "")) if found else 0


def _percent(macs: int, ours: int, row: str, text: str) -> str:
    if not re.search(row, text, re.M):
        return "fails"
    return "100 %" if macs == ours else f"{macs / ours:.3%}".replace("%", " %")


def table(row: Measured) -> str:
    """Return one network's heading, and a line for each tool."""
    found = [
        f"### {row.network.name}",
        "",
        f"{row.network.told[:1].upper()}{row.network.told[1:]}: {row.params:,} parameters, "
        f"**{row.macs:,} MACs**"
        + (f", of which {row.attention:,} are attention's two products." if row.attention else "."),
        "",
        "| tool | reports | in MACs | − archgraph | because | unexplained |",
        "|---|--:|--:|--:|---|--:|",
    ]
    for said in row.said:
        tool = said.tool
        if said.reported is None or said.macs is None:
            found.append(f"| {tool.name} | – | – | – | it fails: {said.failed} | – |")
            continue
        because = "; ".join(f"{words}: {_signed(n)}" for words, n in said.because.items())
        found.append(
            f"| {tool.name} | {said.reported:,.0f} {tool.unit} | {said.macs:,} | "
            f"{_signed(said.macs - row.macs)} | {because or 'equal'} | {_signed(said.remainder)} |"
        )
    return "\n".join(found)


def _signed(number: float | None) -> str:
    if not number:
        return "0"
    return f"{number:+,.0f}".replace("-", "−")


def versions() -> str:
    """Return a line that names what was asked, and on what."""
    packages = dict.fromkeys([tool.package for tool in TOOLS])
    named = [f"{each} {version(each)}" for each in (*packages, "torchvision", "transformers")]
    return f"Python {platform.python_version()}, {platform.machine()}: {', '.join(named)}."
