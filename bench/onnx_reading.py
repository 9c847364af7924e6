"""Reading ONNX files of many nodes, against onnx's own reading and shape inference.

Files are residual convolutions of 1,000, 10,000 and 100,000 nodes; times are of the processor, so
that other work disturbs them little. One file more has weights of 2.5 GB beside it, and nothing but
its graph may be in memory.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.timing import Row, python

__all__ = ["residual", "rows"]

COUNTS = {1_000: 3, 10_000: 2, 100_000: 1}
"""How many nodes, and how often a file of so many is read."""

_PEAK = """
import pathlib, re, onnx, archgraph as ag, archgraph.importers.onnx
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) / 1024
before = peak()
{work}
print("peak", peak() - before)
"""


def residual(count: int, width: int = 16, *, outside: str = "") -> Any:
    """Return a model of about so many nodes: y = x + relu(conv(x)), again and again.

    With ``outside`` its weights are said to lie in a file of that name.
    """
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights, value = [], [], "x"
    numbers = np.random.default_rng(0).standard_normal((width, width, 3, 3)).astype(np.float32)
    for block in range(count // 3):
        name, path = f"blocks.{block}.conv.weight", f"/blocks.{block}"
        if outside:
            tensor = TensorProto(name=name, data_type=1, dims=numbers.shape, data_location=1)
            size = numbers.nbytes
            places = {"location": outside, "offset": str(block * size), "length": str(size)}
            for key, word in places.items():
                tensor.external_data.add(key=key, value=word)
        else:
            tensor = numpy_helper.from_array(numbers, name)
        weights.append(tensor)
        read = [value, name]
        conv, relu, value = f"c{block}", f"r{block}", f"x{block}"
        same = {"kernel_shape": [3, 3], "pads": [1] * 4, "strides": [1, 1]}
        nodes += [
            helper.make_node("Conv", read, [conv], name=f"{path}/conv/Conv", **same),
            helper.make_node("Relu", [conv], [relu], name=f"{path}/relu/Relu"),
            helper.make_node("Add", [relu, read[0]], [value], name=f"{path}/Add"),
        ]
    image = helper.make_tensor_value_info("x", 1, ["batch", width, 8, 8])
    result = helper.make_tensor_value_info(value, 1, None)
    graph = helper.make_graph(nodes, "residual", [image], [result], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def rows() -> Iterator[Row]:
    """Yield the comparisons."""
    import onnx

    import archgraph as ag

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.onnx"
        for count, runs in COUNTS.items():
            onnx.save(residual(count), path)
            ours = _seconds(lambda: ag.load(path), runs)
            theirs = _seconds(lambda: onnx.shape_inference.infer_shapes(onnx.load(path)), runs)
            what = f"reading an ONNX file of {count:,} nodes"
            yield Row(what, ours, "onnx.load and infer_shapes", theirs)
        outside = Path(folder) / "large.onnx"
        outside.write_bytes(residual(30, 2648, outside="large.bin").SerializeToString())
        with (Path(folder) / "large.bin").open("wb") as file:
            file.truncate(10 * 2648 * 2648 * 9 * 4)  # 2.5 GB, none of them on the disk
        ours = _peak(f"ag.load({str(outside)!r})")
        theirs = _peak(f"onnx.load({str(outside)!r})")
        yield Row("memory to read an ONNX file of 2.5 GB", ours, "onnx.load", theirs, "MB")


def _seconds(work: Callable[[], object], runs: int) -> float:
    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once() for _ in range(runs))


def _peak(work: str) -> float:
    """Return how many megabytes a process of its own needs at most for something."""
    done = subprocess.run(python(_PEAK.format(work=work)), check=True, capture_output=True)
    return float(done.stdout.decode().rpartition("peak ")[2])
