"""The process in which a runtime runs a file: ``python -m …worker RUNTIME FOLDER``.

The folder holds ``job.json`` and ``inputs.npz``; ``answer.json`` and ``outputs.npz`` come into it.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from .registry import RUNTIMES
from .runtime import Array, Run

__all__ = ["main"]

RUNS = 5
LONGEST = 200
"""Characters of a reason; the middle of a longer one is left out."""

BUDGET = 1.0
"""Seconds of timed runs; a file so slow that its first run takes longer is run once."""


def main(name: str, folder: Path) -> None:
    """Run the job that the folder holds."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    seconds, reason = None, None
    try:
        with np.load(folder / "inputs.npz") as stored:
            inputs = {given: stored[f"arr_{i}"] for i, given in enumerate(job["inputs"])}
        run = RUNTIMES[name].prepare(Path(job["model"]), inputs, job["outputs"])
        outputs, seconds = _timed(run)
        np.savez(folder / "outputs.npz", *outputs)
    except Exception as error:  # whatever a runtime raises is its reason
        # Where the file lies now says nothing: it is being checked before it takes its place.
        reason = one_line(str(error).replace(job["model"], "the file") or type(error).__name__)
    answer = json.dumps({"seconds": seconds, "reason": reason})
    (folder / "answer.json").write_text(answer, encoding="utf-8")


def _timed(run: Run) -> tuple[list[Array], float]:
    """Return the first run's outputs and the median time of those behind it."""
    start = time.perf_counter()
    outputs = run()
    first = time.perf_counter() - start
    times: list[float] = []
    while len(times) < RUNS and first + sum(times) < BUDGET:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return outputs, statistics.median(times or [first])


def one_line(told: str) -> str:
    """Return the first sentence of what was told and, where it tells causes, the last of them."""
    text = told.partition("Stack backtrace:")[0]
    lines = [line.strip() for line in text.splitlines() if line.strip()] or [""]
    said = lines[0] if "Caused by:" not in lines else f"{lines[0]}: {lines[-1]}"
    # onnxruntime starts with codes and the place in its source.
    said = re.sub(r"^.*ERROR_MESSAGE: |^\[ONNXRuntimeError\] : \d+ : ", "", said)
    said = re.sub(r"^\S+\.(cc|h):\d+ ", "", said)
    # What it comes to stands at the end.
    return said if len(said) <= LONGEST else f"{said[:60]} … {said[63 - LONGEST :]}"


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
