"""How long something takes: the least of several runs, which other work disturbs least."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Row", "cold", "python", "seconds"]


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: what was done, what it took archgraph, and what another tool.

    ``unit`` is "s" or "µs" for time, "pt" for the size of text, "MB" for memory, or "weights" for
    that in multiples of the weights.
    """

    what: str
    ours: float
    other: str
    theirs: float
    unit: str = "s"

    @property
    def ratio(self) -> float:
        """How many times as much the other tool took."""
        return self.theirs / self.ours


def seconds(work: Callable[[], object], runs: int = 5) -> float:
    """Return the least time of several runs in this process, after one that warms up."""
    work()
    return min(_timed(work) for _ in range(runs))


def cold(command: Sequence[str], runs: int = 5) -> float:
    """Return the least time of several runs of a command, each a process of its own.

    One more run before them leaves compiled bytecode behind, as installing does.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def run() -> None:
        subprocess.run(command, check=True, capture_output=True, env=environment)

    return seconds(run, runs)


def python(code: str) -> list[str]:
    """Return the command that runs a piece of Python."""
    return [sys.executable, "-c", code]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
