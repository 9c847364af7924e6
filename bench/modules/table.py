"""What was measured as the tables of docs/modules.md."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from archgraph.units import count_text
from bench.modules.measuring import Measured
from bench.modules.peers import PEERS

__all__ = ["table", "totals"]


def table(rows: Sequence[Measured]) -> str:
    """Return a line for each module, and below it the reason for each cell that has one."""
    notes: list[str] = []
    tools = ["archgraph", *PEERS]
    head = ["module", "from", "parameters", "MACs", "as torch", *(f"{tool}, s" for tool in tools)]
    found = [f"| {' | '.join(head)} |", "|---|---|--:|--:|---|" + "--:|" * len(tools)]
    for row in rows:
        cells = [row.name, row.source, _params(row), _macs(row), _verdict(row, notes)]
        cells.append("–" if row.seconds != row.seconds else f"{row.seconds:.2f}")
        cells += [_peer(row.peers.get(tool)) for tool in PEERS]
        found.append(f"| {' | '.join(cells)} |")
    return "\n".join([*found, *(f"\n[{n}] {note}." for n, note in enumerate(notes, 1))])


def totals(rows: Sequence[Measured]) -> str:
    """Return a line for each tool: how many it reads, how long that takes."""
    ours = {row.name: row.seconds for row in rows if row.nodes}
    found = [
        "| tool | reads | median, s | mean, s | all that it reads, s |",
        "|---|--:|--:|--:|--:|",
    ]
    for tool in ("archgraph", *PEERS):
        times = ours if tool == "archgraph" else _times(rows, tool)
        values = list(times.values())
        found.append(
            f"| {tool} | {len(values)} of {len(rows)} | {statistics.median(values):.2f} | "
            f"{statistics.mean(values):.2f} | {sum(values):.0f} |"
        )
    for tool in PEERS:
        both = [(ours[name], time) for name, time in _times(rows, tool).items() if name in ours]
        mine, theirs = (statistics.median(each) for each in zip(*both, strict=True))
        found.append(
            f"\nOn the {len(both)} modules that archgraph and {tool} both read, the medians "
            f"are {mine:.2f} s and {theirs:.2f} s."
        )
    ways = Counter(row.way for row in rows if row.nodes)
    told = ", ".join(f"{way}: {count}" for way, count in ways.most_common())
    right = sum(row.right for row in rows)
    explained = sum(bool(row.right and row.why) for row in rows)
    found.append(
        f"\nParameters and MACs are torch's for {right} of {len(rows)} modules, of which "
        f"{explained} have parts that torch's counter skips, named below the list. "
        f"How the modules were run: {told}."
    )
    only = [row.name for row in rows if not row.nodes and any(_time(v) for v in row.peers.values())]
    found.append(f"\nRead by another tool and not by archgraph: {', '.join(only) or 'none'}.")
    return "\n".join(found)


def _times(rows: Sequence[Measured], tool: str) -> dict[str, float]:
    found = {row.name: _time(row.peers.get(tool)) for row in rows}
    return {name: time for name, time in found.items() if time is not None}


def _time(value: float | str | None) -> float | None:
    return value if isinstance(value, float) else None


def _peer(value: float | str | None) -> str:
    return f"{value:.2f}" if isinstance(value, float) else "no"


def _params(row: Measured) -> str:
    text = "unknown" if row.params is None else f"{row.params:,}"
    return f"{text} + {row.unused:,} unused" if row.unused else text


def _macs(row: Measured) -> str:
    if row.macs is None:
        return "unknown"
    return f"{count_text(row.macs)}{'' if row.batched else ' for 2'}"


def _verdict(row: Measured, notes: list[str]) -> str:
    told = [row.why] if row.why and row.right else [] if row.right else [row.said]
    if row.nodes and not row.batched:
        told.append("its calls depend on the batch, so it is read for each batch as it stands")
    marks = []
    for note in told:
        text = f"{note[:1].upper()}{note[1:]}"
        if text not in notes:
            notes.append(text)
        marks.append(f"[{notes.index(text) + 1}]")
    return f"{'yes' if row.right else 'no'} {', '.join(marks)}".rstrip()
