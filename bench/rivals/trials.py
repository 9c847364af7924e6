"""One network drawn by every tool, each in a process of its own, with a limit."""

from __future__ import annotations

import os
import resource
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from archgraph.answers.peers.apart import apart
from archgraph.files import read_text
from bench.first_pictures.network import FOLDER, Network
from bench.rivals.drawing_tools import TOOLS, Subject, Way
from bench.rivals.slide_labels import LEAST, smallest_label

__all__ = ["LIMIT", "SLOW", "Drawn", "Trial", "tried"]

LIMIT = 60
"""Seconds of the processor that a tool has for one network."""

SLOW = "it takes too long"

PATIENCE = 4
"""How many times as long that may take by the clock, where others use the processor."""

TO_MAKE = 300.0
"""Seconds for a network to be made, which count for no tool."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a tool made of a network: seconds and its smallest label on a slide, or why nothing."""

    seconds: float = 0.0
    label: float = 0.0
    error: str = ""

    @property
    def fits(self) -> bool:
        """Whether all labels can be read on one slide."""
        return not self.error and self.label >= LEAST - 0.005


@dataclass(slots=True)
class Trial:
    """What all tools made of one network; a tool that cannot take its kind is left out."""

    name: str
    source: str
    is_module: bool
    drawn: dict[str, Drawn] = field(default_factory=dict)
    skipped: str = ""
    """Why there is no network to draw."""


def tried(network: Network, tools: Sequence[str]) -> Trial:
    """Return what these tools make of a network."""
    trial = Trial(network.name, network.source, network.entry is not None)
    if network.entry is None:
        tools = [name for name in tools if not TOOLS[name].of_modules]
    ways = sum(len(TOOLS[name].ways) for name in tools)
    found = apart(lambda: _of_all(network, tools), TO_MAKE + ways * (PATIENCE * LIMIT + 10))
    if "error" in found:
        trial.skipped = found["error"]
    else:
        trial.drawn = {name: Drawn(**each) for name, each in found.items()}
    return trial


def _of_all(network: Network, tools: Sequence[str]) -> dict[str, Any]:
    warnings.simplefilter("ignore")
    subject = _made(network)
    folder = FOLDER / "rivals"
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for tool in tools:
        path = folder / f"{network.slug}-{tool.partition(',')[0]}.svg"
        for way in TOOLS[tool].ways:
            found[tool] = _measured(way, subject, path)
            # Where it takes too long one way, it does so the other way.
            if not found[tool].get("error") or found[tool]["error"] == SLOW:
                break
    return found


def _made(network: Network) -> Subject:
    entry = network.entry
    if entry is None:
        return Subject(network.name, net=network.make())
    module = entry.make().eval()
    return Subject(entry.name, module, entry.example(2), weighed=entry.weighed)


def _measured(way: Way, subject: Subject, path: Path) -> dict[str, Any]:
    path.unlink(missing_ok=True)
    start = time.monotonic()
    found: dict[str, Any] = apart(lambda: _timed(way, subject, path), PATIENCE * LIMIT)
    took = time.monotonic() - start
    if "error" in found:
        # The system ends a process that used up its seconds, which then says nothing.
        ended = found["error"] == "its process ended early" and took > LIMIT / 2
        return {"error": SLOW if ended or took > PATIENCE * LIMIT else found["error"]}
    try:
        return found | {"label": smallest_label(read_text(path))}
    except ValueError as error:
        return {"error": str(error)}


def _timed(way: Way, subject: Subject, path: Path) -> dict[str, float]:
    draw = way(subject)
    before = sum(os.times()[:2])
    limit = ceil(before) + LIMIT
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    draw(path)
    return {"seconds": sum(os.times()[:2]) - before}
