"""What tools drew, as tables: a line for each tool, and one for each network."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from bench.rivals.drawing_tools import OURS, TOOLS
from bench.rivals.slide_labels import LEAST
from bench.rivals.trials import LIMIT, SLOW, Drawn, Trial

__all__ = ["line", "missing", "pictures", "tools"]


def line(trial: Trial) -> str:
    """Return what was found for a network, to read while it runs."""
    head = f"{trial.source}: {trial.name}:"
    if trial.skipped:
        return f"{head} skipped, {trial.skipped}"
    said = (
        f"{tool} {each.error or f'{each.label:.2f} pt in {each.seconds:.2f} s'}"
        for tool, each in trial.drawn.items()
    )
    return f"{head} {'; '.join(said)}"


def tools(trials: Sequence[Trial]) -> str:
    """Return a line for each tool, of those networks that are modules, and of all."""
    trials = [trial for trial in trials if not trial.skipped]
    modules = [trial for trial in trials if trial.is_module]
    found = [_summary(modules, f"Of {len(modules)} modules of PyTorch, which all tools take:")]
    if len(modules) < len(trials):
        found.append(
            _summary(trials, f"Of all {len(trials)} networks, from files and without names too:")
        )
    return "\n\n".join(each for each in found if each)


def _summary(trials: Sequence[Trial], what: str) -> str:
    lines = [
        what,
        "",
        f"| tool | drawn | all labels ≥ {LEAST:.0f} pt | smallest label, median | s, median |",
        "|---|--:|--:|--:|--:|",
    ]
    for tool in TOOLS:
        each = [trial.drawn[tool] for trial in trials if tool in trial.drawn]
        if len(each) < len(trials) or not each:
            continue
        drawn = [one for one in each if not one.error]
        label = f"{statistics.median(one.label for one in drawn):.1f} pt" if drawn else "–"
        seconds = f"{statistics.median(one.seconds for one in drawn):.2f}" if drawn else "–"
        fits = sum(one.fits for one in each)
        lines.append(f"| {tool} | {len(drawn)} | {fits} | {label} | {seconds} |")
    return "\n".join(lines) if len(lines) > 4 else ""


def pictures(trials: Sequence[Trial]) -> str:
    """Return a line for each network: each tool's smallest label and its seconds."""
    names = [tool for tool in TOOLS if any(tool in trial.drawn for trial in trials)]
    notes: list[str] = []
    lines = [
        f"| network | from | {' | '.join(names)} |",
        "|---|---|" + "--:|" * len(names),
    ]
    for trial in trials:
        if not trial.skipped:
            cells = [_cell(trial.drawn.get(tool), tool, notes) for tool in names]
            lines.append(f"| {trial.name} | {trial.source} | {' | '.join(cells)} |")
    return "\n".join([*lines, *(f"\n[{n}] {note}" for n, note in enumerate(notes, 1))])


def _cell(drawn: Drawn | None, tool: str, notes: list[str]) -> str:
    if drawn is None:
        return ""
    if not drawn.error:
        text = f"{drawn.label:.1f} pt, {drawn.seconds:.1f} s"
        return f"**{text}**" if drawn.fits else text
    if drawn.error == SLOW:
        return f"> {LIMIT} s"
    note = f"{tool}: {_plain(drawn.error)}"
    if note not in notes:
        notes.append(note)
    return f"no [{notes.index(note) + 1}]"


def _plain(error: str) -> str:
    """Return an error that Markdown shows as it is, without what differs from run to run."""
    error = re.sub(r"\d{9,}", "…", error)
    return re.sub(r"([|<>*_`\[\]])", r"\\\1", error.rstrip(":."))


def missing() -> list[str]:
    """Return a sentence for each tool that is not installed."""
    return [
        f"{name} is not installed, and is left out."
        for name, tool in TOOLS.items()
        if name != OURS and not tool.is_here
    ]
