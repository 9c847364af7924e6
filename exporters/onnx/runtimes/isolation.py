"""Tries a file in a runtime in a process of its own, which may crash or hang without harm."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from archgraph.files import temporary_folder

from .runtime import Array, Runtime, Trial

__all__ = ["LIMIT", "try_runtime"]

LIMIT = 600.0
"""After so many seconds a trial is given up."""


def try_runtime(
    runtime: Runtime,
    path: Path,
    inputs: Mapping[str, Array],
    outputs: Sequence[str],
    limit: float = LIMIT,
) -> Trial:
    """Run a file and return its outputs, in the order asked for, with the median time of a run.

    What goes wrong in the runtime, a crash too, becomes the reason of the trial.
    """
    with temporary_folder() as folder:
        np.savez(folder / "inputs.npz", *inputs.values())
        job = {"model": str(path.absolute()), "inputs": list(inputs), "outputs": list(outputs)}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        module = f"{__package__}.worker"
        try:
            done = subprocess.run(
                [sys.executable, "-m", module, runtime.name, str(folder)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Trial(reason=f"it took longer than {limit:g} seconds")
        try:
            answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Trial(reason=_crash(done.returncode, done.stderr.decode(errors="replace")))
        if answer["reason"] is not None:
            return Trial(reason=answer["reason"])
        with np.load(folder / "outputs.npz") as stored:
            found = tuple(stored[f"arr_{index}"] for index in range(len(outputs)))
        return Trial(found, answer["seconds"])


def _crash(status: int, said: str) -> str:
    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    last = said.strip().splitlines()[-1:] or ["without a word"]
    return f"it ended {how}: {last[0][:160]}"
