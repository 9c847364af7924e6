"""One network made, drawn without an option and judged, in processes of their own."""

from __future__ import annotations

import os
import resource
import warnings
from pathlib import Path
from typing import Any

import archgraph as ag
from archgraph.answers.peers.apart import apart
from bench.first_pictures.judging import DRAWN, Verdict, judged
from bench.first_pictures.network import FOLDER, Network

__all__ = ["picture_of", "tried"]

TO_MAKE, TO_DRAW = 300.0, 60
"""Seconds for a network to be made, by the clock, and drawn, of the processor."""

PATIENCE = 5
"""How many times as long drawing may take by the clock, where others use the processor."""


def picture_of(verdict: Verdict) -> Path:
    """Return where a network's picture lies."""
    return FOLDER / "pictures" / f"{verdict.slug}.svg"


def tried(network: Network) -> Verdict:
    """Return what came of a network; its picture is left where ``picture_of`` says."""
    verdict = Verdict(network.name, network.source, network.slug)
    path = picture_of(verdict)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    found = apart(lambda: _made_and_drawn(network, path), TO_MAKE + 2 * PATIENCE * TO_DRAW)
    if "error" in found:
        verdict.skipped = found["error"]
        return verdict
    verdict.at_layer = found["at_layer"]
    if "error" in found["drawn"]:
        verdict.said[DRAWN] = _why(found["drawn"]["error"])
        return verdict
    verdict.seconds = found["drawn"]["seconds"]
    return judged(verdict, path.read_text(encoding="utf-8"))


def _made_and_drawn(network: Network, path: Path) -> dict[str, Any]:
    from archgraph.exporters.pictures.view import build_view

    warnings.simplefilter("ignore")
    net = network.make()
    drawn = apart(lambda: _drawn(net, path), PATIENCE * TO_DRAW)
    seen = apart(lambda: {"boxes": len(build_view(net, "layer").nodes)}, PATIENCE * TO_DRAW)
    return {"drawn": drawn, "at_layer": seen.get("boxes", len(net))}


def _drawn(net: ag.ArchGraph, path: Path) -> dict[str, float]:
    # A new process has used none of its time.
    resource.setrlimit(resource.RLIMIT_CPU, (TO_DRAW, TO_DRAW))
    ag.draw(net, path)
    return {"seconds": sum(os.times()[:4])}


def _why(error: str) -> str:
    slow = error in ("its process ended early", f"more than {PATIENCE * TO_DRAW} s")
    return f"not within {TO_DRAW} s" if slow else error
