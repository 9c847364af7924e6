"""Lays out what first pictures show with other tools, for docs/beside-others.md.

``python -m bench.rivals.layouts unet timm:`` takes those whose names or sources hold one of these
words, and only prints.
"""

from __future__ import annotations

import logging
import statistics
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec

from bench.first_pictures.listed import every
from bench.page import put
from bench.rivals.__main__ import PAGE, loaded
from bench.rivals.arrangements import (
    GRAPHVIZ,
    OF_NODE,
    OURS,
    TOOLS,
    Arrangement,
    Shown,
    by_graphviz,
    by_node,
    node_packages,
    shown,
)
from bench.rivals.layout_scores import GEG, Scores, scored
from bench.rivals.slide_labels import LEAST

__all__ = ["Found", "measured"]

Found = dict[str, dict[str, Scores]]
"""The scores of each view, by its name and the tool."""


def measured(views: Sequence[Shown]) -> Found:
    """Return how well views read, laid out by every tool that is here."""
    found: Found = {view.name: {OURS: scored(view, view.ours)} for view in views}
    for tool, arranged in _others():
        both = [arranged(views, down) for down in (True, False)]
        for view, ways in zip(views, zip(*both, strict=True), strict=True):
            scores = [scored(view, way) for way in ways if way is not None]
            if scores:
                # As we do, a tool may choose the direction of the flow.
                found[view.name][tool] = max(scores, key=lambda each: each.label)
    return found


def _others() -> Iterator[tuple[str, Callable[[Sequence[Shown], bool], list[Arrangement | None]]]]:
    if find_spec("pygraphviz"):
        yield GRAPHVIZ, lambda views, down: [by_graphviz(view, down) for view in views]
    else:
        print("pygraphviz is not installed, so that Graphviz is left out.")
    why = node_packages()
    if why:
        print(why)
        return
    for tool in OF_NODE:
        yield tool, lambda views, down, tool=tool: by_node(tool, views, down)  # type: ignore[misc]


# ---- tables --------------------------------------------------------------------------------


def summary(found: Found) -> str:
    """Return a line for each tool: all crossings together, and what a usual view has."""
    names = [tool for tool in TOOLS if all(tool in each for each in found.values())]
    lines = [
        f"| of {len(found)} views | {' | '.join(names)} |",
        "|---|" + "--:|" * len(names),
    ]
    rows: dict[str, Callable[[list[Scores]], str]] = {
        "crossings, all": lambda each: f"{sum(s.crossings for s in each)}",
        "crossings, without the view that has most": lambda each: (
            f"{sum(s.crossings for s in each) - max(s.crossings for s in each)}"
        ),
        "views without a crossing": lambda each: f"{sum(not s.crossings for s in each)}",
        "turns, all": lambda each: f"{sum(s.turns for s in each):.0f}",
        "turns, median": lambda each: f"{statistics.median(s.turns for s in each):.1f}",
        "lines through boxes, all": lambda each: f"{sum(s.through for s in each)}",
        "lines on each other, all": lambda each: f"{sum(s.shared for s in each)}",
        "labels on a slide, median": lambda each: (
            f"{statistics.median(s.label for s in each):.1f} pt"
        ),
        f"views with labels ≥ {LEAST:.0f} pt": lambda each: (
            f"{sum(s.label >= LEAST - 0.005 for s in each)}"
        ),
        "width : height, median": lambda each: f"{statistics.median(s.aspect for s in each):.2f}",
        "area, median": lambda each: f"{statistics.median(s.area for s in each) / 1000:.0f}",
    }
    for name, about in GEG.items():
        rows[f"{name} ({about})"] = _of_geg(name)
    for row, text in rows.items():
        cells = [text([each[tool] for each in found.values()]) for tool in names]
        lines.append(f"| {row} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _of_geg(name: str) -> Callable[[list[Scores]], str]:
    return lambda each: f"{statistics.mean(s.geg[name] for s in each):.3f}"


def worse(found: Found) -> str:
    """Return the views in which another tool has fewer crossings than we."""
    lines = [
        f"| view | {' | '.join(TOOLS)} |",
        "|---|" + "--:|" * len(TOOLS),
    ]
    for name, each in found.items():
        if each[OURS].crossings > min(s.crossings for s in each.values()):
            cells = [
                f"{each[tool].crossings}, {each[tool].label:.1f} pt" if tool in each else "–"
                for tool in TOOLS
            ]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) if len(lines) > 2 else "In no view has another tool fewer crossings."


def line(name: str, each: Mapping[str, Scores]) -> str:
    """Return what was found for a view, to read."""
    said = (
        f"{tool} {s.crossings} crossings, {s.turns:.0f} turns, {s.through} through, "
        f"{s.shared} shared, {s.label:.1f} pt"
        for tool, s in each.items()
    )
    return f"{name}: {'; '.join(said)}"


def main(words: Sequence[str]) -> None:
    """Compare the views that are asked for, by default all; write the page for all."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    if find_spec("geg") is None:
        raise SystemExit("geg-metrics is not installed; make rivals installs it.")
    loaded()
    wanted = [word.lower() for word in words]
    views = []
    for network in every():
        called = f"{network.source}:{network.name}".lower()
        if not words or any(word in called for word in wanted):
            views.append(shown(f"{network.name} ({network.source})", network.make()))
            print(f"{called} is laid out", flush=True)
    found = measured(views)
    for name, each in found.items():
        print(line(name, each))
    print(f"\n{summary(found)}\n\n{worse(found)}")
    if not words:
        put(PAGE, "layouts", summary(found))
        put(PAGE, "more crossings", worse(found))


if __name__ == "__main__":
    main(sys.argv[1:])
