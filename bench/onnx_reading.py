"""Reading ONNX files of many nodes, against onnx's own reading and shape inference.

Files are residual convolutions of 1,000, 10,000 and 100,000 nodes, and blocks of real networks as
torch's exporters write them, again and again; times are of the processor, so that other work
disturbs them little. What we read is recognised and costed. One file more has weights of 2.5 GB
beside it, and nothing but its graph may be in memory.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.onnx_networks import NETWORKS, network, residual
from bench.timing import Row, python

__all__ = ["rows"]

COUNTS = {1_000: 10, 10_000: 3, 100_000: 1}
"""How many nodes, and how often a file of so many is read."""

MOST = 10_000
"""How many nodes the files of real blocks have at most."""

_PEAK = """
import pathlib, re, onnx, archgraph as ag, archgraph.importers.onnx
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) / 1024
before = peak()
{work}
print("peak", peak() - before)
"""


def rows() -> Iterator[Row]:
    """Yield the comparisons."""
    import onnx

    import archgraph as ag

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.onnx"
        for name in ("residual convolutions", *NETWORKS):
            for count, runs in COUNTS.items():
                if name in NETWORKS and count > MOST:
                    continue
                onnx.save(network(name, count) if name in NETWORKS else residual(count), path)
                ours, theirs = _least(
                    runs,
                    lambda: ag.load(path),
                    lambda: onnx.shape_inference.infer_shapes(onnx.load(path)),
                )
                what = f"reading an ONNX file of {count:,} nodes: {name}"
                yield Row(what, ours, "onnx.load and infer_shapes", theirs)
        outside = Path(folder) / "large.onnx"
        outside.write_bytes(residual(30, 2648, outside="large.bin").SerializeToString())
        with (Path(folder) / "large.bin").open("wb") as file:
            file.truncate(10 * 2648 * 2648 * 9 * 4)  # 2.5 GB, none of them on the disk
        ours = _peak(f"ag.load({str(outside)!r})")
        theirs = _peak(f"onnx.load({str(outside)!r})")
        yield Row("memory to read an ONNX file of 2.5 GB", ours, "onnx.load", theirs, "MB")


def _least(runs: int, *works: Callable[[], object]) -> list[float]:
    """Return the least seconds of each work; they take turns, for a machine is not always alike."""
    found = [float("inf")] * len(works)
    for _ in range(runs):
        for place, work in enumerate(works):
            start = time.process_time()
            made = work()
            found[place] = min(found[place], time.process_time() - start)
            del made
    return found


def _peak(work: str) -> float:
    """Return how many megabytes a process of its own needs at most for something."""
    done = subprocess.run(python(_PEAK.format(work=work)), check=True, capture_output=True)
    return float(done.stdout.decode().rpartition("peak ")[2])
