"""Verdicts as lines, as the tables of docs/first-pictures.md, and as a file for contact sheets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from archgraph.files import read_text, write_text
from bench.first_pictures.judging import Verdict, names_of_rules
from bench.first_pictures.network import FOLDER

__all__ = ["line", "remember", "remembered", "summary", "table"]

FILE = FOLDER / "verdicts.json"


def line(row: Verdict) -> str:
    """Return what was found for a network, to read while it runs."""
    head = f"{row.source}: {row.name}:"
    if row.skipped:
        return f"{head} skipped, {row.skipped}"
    said = "; ".join(f"{rule}: {offender}" for rule, offender in row.said.items())
    return f"{head} {row.boxes} boxes, {row.seconds:.2f} s, {said or 'passes'}"


def summary(rows: Sequence[Verdict]) -> str:
    """Return how many pictures keep each rule, and how many all."""
    judged = [row for row in rows if not row.skipped]
    drawn = [row for row in judged if row.boxes]
    kept = {rule: sum(rule not in row.said for row in drawn) for rule in names_of_rules()}
    lines = ["| rule | kept by |", "|---|--:|"]
    lines += [f"| {rule} | {count} of {len(judged)} |" for rule, count in kept.items()]
    lines.append(f"| **all of them** | **{sum(row.passes for row in judged)} of {len(judged)}** |")
    skipped = [f"{row.name} ({row.source})" for row in rows if row.skipped]
    if skipped:
        lines.append(f"\nNot made, and not counted: {', '.join(skipped)}.")
    return "\n".join(lines)


def table(rows: Sequence[Verdict]) -> str:
    """Return a line for each network."""
    lines = ["| network | from | boxes | s | what is wrong |", "|---|---|--:|--:|---|"]
    for row in rows:
        if row.skipped:
            continue
        said = "; ".join(f"**{rule}**: {_cell(text)}" for rule, text in row.said.items())
        lines.append(f"| {row.name} | {row.source} | {row.boxes} | {row.seconds:.2f} | {said} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    """Return text that a cell of a table can hold."""
    for char in "|<>*_`[]":
        text = text.replace(char, f"\\{char}")
    return text


def remember(rows: Sequence[Verdict], *, alone: bool) -> None:
    """Keep verdicts beside their pictures; unless ``alone``, with those of other networks."""
    kept = {} if alone else {row.slug: row for row in remembered()}
    kept |= {row.slug: row for row in rows}
    FOLDER.mkdir(exist_ok=True)
    write_text(FILE, json.dumps([asdict(row) for row in kept.values()], indent=1))


def remembered() -> list[Verdict]:
    """Return the verdicts that were kept."""
    if not FILE.is_file():
        return []
    return [Verdict(**each) for each in json.loads(read_text(FILE))]
