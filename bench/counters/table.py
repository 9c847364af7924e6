"""What was measured as the tables of docs/attention.md."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import version

from bench.counters.measuring import Measured, Said
from bench.counters.tools import TOOLS

__all__ = ["glance", "table", "versions"]


def glance(rows: Sequence[Measured]) -> str:
    """Return a line for each tool: its number of each network in percent of archgraph's."""
    found = [
        f"| tool | {' | '.join(row.network.name for row in rows)} |",
        f"|---|{'--:|' * len(rows)}",
        f"| **archgraph, MACs** | {' | '.join(f'**{row.macs:,}**' for row in rows)} |",
        f"| of these attention's products | {' | '.join(map(_share, rows))} |",
    ]
    for number, tool in enumerate(TOOLS):
        cells = [_percent(row.said[number], row.macs) for row in rows]
        found.append(f"| {tool.name} | {' | '.join(cells)} |")
    return "\n".join(found)


def _share(row: Measured) -> str:
    return f"{row.attention / row.macs:.1%}".replace("%", " %") if row.attention else "–"


def _percent(said: Said, macs: int) -> str:
    if said.macs is None:
        return "fails"
    if said.macs == macs:
        return "100 %"
    return f"{said.macs / macs:.3%}".replace("%", " %")


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
