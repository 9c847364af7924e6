"""Times of onnxruntime on a network's own ONNX file, by groups of nodes that it runs as one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from archgraph.answers.speed.times import Asked, Measured, grouped
from archgraph.errors import CheckError
from archgraph.exporting import export_onnx
from archgraph.files import temporary_folder
from archgraph.formats.onnx_notes import NODE, PREFIX, metadata_of
from archgraph.graph import ArchGraph

from .fused_nodes import Step, fused
from .inputs_drawn import drawn_inputs

__all__ = ["onnx_times"]

LIMIT = 1800.0
"""After so many seconds a measurement is given up."""


def onnx_times(net: ArchGraph, asked: Asked) -> Measured:
    """Return the times of a network's nodes in onnxruntime, on the file that we export.

    It runs in a process of its own. Raises ExportError for a network that cannot be exported,
    CheckError where the runtime does not run the file.
    """
    with temporary_folder() as folder:
        model = folder / "model.onnx"
        batch: Any = asked.batch if net.batched else "dynamic"
        export_onnx(net, model, batch=batch, devices=False)
        inputs = drawn_inputs(net, asked.batch)
        np.savez(folder / "inputs.npz", *[each.numpy() for each in inputs.values()])
        job = {
            "inputs": list(inputs),
            "threads": asked.threads,
            "runs": asked.runs,
            "warm_up": asked.warm_up,
        }
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        answer = _answer(folder)
        files = [onnx.load(folder / name, load_external_data=False).graph for name in _FILES]
        owners = [metadata_of(node).get(PREFIX + NODE, "") for node in files[0].node]
    steps = [[*map(_step, file.node)] for file in files]
    times: Mapping[str, Sequence[float]] = answer["times"]
    rows = []
    for group in fused(steps[0], steps[1], steps[2], inputs):
        names = [owners[number] for number in group.originals if owners[number] in net]
        runs = dict.fromkeys(steps[2][number].name for number in group.runs)
        rows.append((names, [times[name] for name in runs if name in times]))
    return Measured(
        "onnxruntime",
        str(answer["version"]),
        asked,
        grouped(net, rows, asked),
        tuple(answer["whole"]),
        net,
    )


_FILES = ("model.onnx", "middle.onnx", "final.onnx")


def _step(node: Any) -> Step:
    return Step(node.name, node.op_type, tuple(node.input), tuple(node.output))


def _answer(folder: Path) -> dict[str, Any]:
    module = f"{__package__}.profile_worker"
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CheckError(f"onnxruntime took longer than {LIMIT:g} seconds.") from None
    try:
        found: dict[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no word"]
        raise CheckError(
            f"onnxruntime ended with status {done.returncode}: {last[0][:160]}."
        ) from None
    if found["reason"] is not None:
        raise CheckError(f"onnxruntime does not run the file: {found['reason'][:200]}")
    return found
