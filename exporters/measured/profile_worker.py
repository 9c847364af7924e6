"""The process in which onnxruntime runs a file and times its nodes: ``python -m … FOLDER``.

The folder holds ``job.json``, ``model.onnx`` and ``inputs.npz``; ``answer.json``, ``middle.onnx``
and ``final.onnx`` come into it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["main"]


def main(folder: Path) -> None:
    """Run the job that the folder holds."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    answer: dict[str, Any] = {"reason": None}
    try:
        with np.load(folder / "inputs.npz") as stored:
            inputs = {given: stored[f"arr_{i}"] for i, given in enumerate(job["inputs"])}
        answer |= _timed(folder, inputs, job)
    except Exception as error:  # whatever the runtime raises is its reason
        answer["reason"] = str(error) or type(error).__name__
    (folder / "answer.json").write_text(json.dumps(answer), encoding="utf-8")


def _timed(folder: Path, inputs: dict[str, Any], job: dict[str, Any]) -> dict[str, Any]:
    import onnxruntime as ort

    def settings(level: Any, name: str) -> Any:
        found = ort.SessionOptions()
        found.log_severity_level = 3
        found.graph_optimization_level = level
        found.optimized_model_filepath = str(folder / name)
        found.intra_op_num_threads = job["threads"]
        found.inter_op_num_threads = 1
        return found

    levels, providers = ort.GraphOptimizationLevel, ["CPUExecutionProvider"]
    model = str(folder / "model.onnx")
    ort.InferenceSession(
        model, settings(levels.ORT_ENABLE_EXTENDED, "middle.onnx"), providers=providers
    )
    last = settings(levels.ORT_ENABLE_ALL, "final.onnx")
    plain = ort.InferenceSession(model, last, providers=providers)
    last = settings(levels.ORT_ENABLE_ALL, "again.onnx")
    last.enable_profiling = True
    last.profile_file_prefix = str(folder / "profile")
    session = ort.InferenceSession(model, last, providers=providers)
    whole = []
    for run in range(job["warm_up"] + job["runs"]):
        session.run(None, inputs)
        start = time.perf_counter()
        plain.run(None, inputs)  # the profiler takes time of its own
        if run >= job["warm_up"]:
            whole.append(1e3 * (time.perf_counter() - start))
    events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
    times: dict[str, list[float]] = {}
    for event in events:
        name = str(event.get("name"))
        if event.get("cat") == "Node" and name.endswith("_kernel_time"):
            times.setdefault(name.removesuffix("_kernel_time"), []).append(event["dur"] / 1e3)
    return {"times": times, "whole": whole, "version": ort.__version__}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
