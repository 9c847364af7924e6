"""What the tools say as the tables of docs/counters.md and docs/attention.md."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import archgraph as ag
from archgraph.answers.peers.tools import TOOLS

__all__ = ["Row", "glance", "rules", "section", "several", "versions"]

USUAL = [tool for tool in TOOLS if tool.usual]


@dataclass(frozen=True)
class Row:
    """One network: its name, what it is, archgraph's numbers, and what the tools said."""

    name: str
    told: str
    params: int
    attention: int
    found: ag.Counters


def several(rows: Sequence[Row]) -> str:
    """Return a line for each network: archgraph's MACs, and the tools' numbers in percent."""
    lines = [
        f"| network | MACs | {' | '.join(tool.name for tool in USUAL)} |",
        f"|---|--:|{'--:|' * len(USUAL)}",
    ]
    for row in rows:
        cells = [_cell(row.found, tool.name) for tool in USUAL]
        lines.append(f"| {row.name} | {row.found.macs:,} | {' | '.join(cells)} |")
    told = []
    for tool in USUAL:
        said = [each for row in rows for each in row.found if each.tool == tool.name]
        exact = sum(each.remainder == 0 for each in said)
        failed = sum(bool(each.failed) for each in said)
        told.append(f"{exact}{f' ({failed} fail)' if failed else ''}")
    lines.append(f"| **explained to the last one** | of {len(rows)} | {' | '.join(told)} |")
    return "\n".join(lines)


def _cell(found: ag.Counters, tool: str) -> str:
    said = next((each for each in found if each.tool == tool), None)
    if said is None:
        return "–"
    if said.macs is None:
        return "fails"
    star = "" if said.remainder == 0 else " *"
    return f"{_percent(said.macs, found.macs)}{star}"


def _percent(macs: int, ours: int) -> str:
    if macs == ours:
        return "100 %"
    return f"{macs / ours:.3%}".replace("%", " %") if ours else "–"


def rules() -> str:
    """Return the rules of each tool, by their words."""
    lines = ["| tool | counts, beside or instead of what archgraph counts |", "|---|---|"]
    for tool in TOOLS:
        words = "; ".join(rule.words for rule in tool.rules)
        if tool.of_file:
            words = "every other kind of node by weights of its own: what it says itself of each"
        lines.append(f"| {tool.name}: {tool.about} | {words or 'the same'} |")
    return "\n".join(lines)


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
            _percent(_number(text, row), ours[name]) if re.search(row, text, re.M) else "fails"
            for name, text in sections.items()
        ]
        found.append(f"| {tool.name} | {' | '.join(cells)} |")
    return "\n".join(found)


def _number(text: str, pattern: str) -> int:
    found = re.search(pattern, text, re.M)
    return int(found[1].replace(",", "")) if found else 0


def section(row: Row) -> str:
    """Return one network's heading, and a line for each tool."""
    ours = row.found.macs
    found = [
        f"### {row.name}",
        "",
        f"{row.told[:1].upper()}{row.told[1:]}: {row.params:,} parameters, **{ours:,} MACs**"
        + (f", of which {row.attention:,} are attention's two products." if row.attention else "."),
        "",
        "| tool | reports | in MACs | − archgraph | because | unexplained |",
        "|---|--:|--:|--:|---|--:|",
    ]
    for said in row.found:
        if said.macs is None:
            found.append(f"| {said.tool} | – | – | – | it fails: {said.failed} | – |")
            continue
        because = "; ".join(f"{words}: {_signed(n)}" for words, n in said.because.items())
        because = because or ("–" if said.remainder else "equal")
        found.append(
            f"| {said.tool} | {said.reports:,} {said.unit} | {said.macs:,} | "
            f"{_signed(said.macs - ours)} | {because} | {_signed(said.remainder)} |"
        )
    return "\n".join(found)


def _signed(number: int | None) -> str:
    if not number:
        return "0"
    return f"{number:+,}".replace("-", "−")


def versions() -> str:
    """Return a line that names what was asked, and on what."""
    packages = dict.fromkeys([tool.package for tool in TOOLS])
    named = [f"{each} {version(each)}" for each in (*packages, "torchvision", "transformers")]
    return f"Python {platform.python_version()}, {platform.machine()}: {', '.join(named)}."
