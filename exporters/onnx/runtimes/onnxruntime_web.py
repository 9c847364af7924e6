"""onnxruntime-web, the runtime of browsers, in WebAssembly under Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from .runtime import Array, Run, Runtime

__all__ = ["RUNTIME"]

SCRIPT = Path(__file__).with_name("onnxruntime_web.cjs")


def prepare(path: Path, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Run:
    """Load a file; see ``runtime.Prepare``.

    A line on Node's input runs the file; each answer is a line of JSON, then the outputs' bytes.
    """
    process = subprocess.Popen(
        [_node(), str(SCRIPT), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(),
    )
    to, back = process.stdin, process.stdout
    assert to is not None
    assert back is not None
    shapes = [
        {"name": name, "dims": list(value.shape), "type": value.dtype.name}
        for name, value in inputs.items()
    ]
    job = {"inputs": shapes, "outputs": list(outputs), "external": _second_files(path)}
    to.write(json.dumps(job).encode() + b"\n")
    for value in inputs.values():
        to.write(np.ascontiguousarray(value).tobytes())
    to.flush()

    def answer() -> list[dict[str, object]]:
        told = json.loads(back.readline() or b'{"error": "Node stopped"}')
        if "error" in told:
            raise RuntimeError(told["error"])
        results: list[dict[str, object]] = told["outputs"]
        return results

    def run() -> list[Array]:
        to.write(b"run\n")
        to.flush()
        results = []
        for each in answer():
            kind, shape = np.dtype(str(each["type"])), each["dims"]
            assert isinstance(shape, list)
            size = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
            results.append(np.frombuffer(back.read(size), kind).reshape(shape))
        return results

    answer()  # the file is loaded
    return run


def version() -> str | None:
    """Return the version of the package that Node finds from here, or None."""
    if _node() == "":
        return None
    done = subprocess.run(
        [_node(), str(SCRIPT)],
        capture_output=True,
        encoding="utf-8",
        check=False,
        env=_environment(),
    )
    return done.stdout.strip() or None


def _second_files(path: Path) -> list[str]:
    """Return the names of the files in which a model's weights lie; a browser is told of them."""
    import onnx

    tensors = onnx.load(path, load_external_data=False).graph.initializer
    entries = (entry for tensor in tensors for entry in tensor.external_data)
    return sorted({entry.value for entry in entries if entry.key == "location"})


def _node() -> str:
    return shutil.which("node") or ""


def _environment() -> dict[str, str]:
    """Return the environment in which Node also finds what npm installed into this Python's."""
    own = [Path(sys.prefix, *parts) for parts in (("lib", "node_modules"), ("node_modules",))]
    paths = [os.environ.get("NODE_PATH", ""), *map(str, own)]
    return {**os.environ, "NODE_PATH": os.pathsep.join(filter(None, paths))}


RUNTIME = Runtime("onnxruntime-web", "npm install onnxruntime-web", version, prepare)
