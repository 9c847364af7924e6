"""Writing ONNX files: archgraph against both of torch's exporters and against a plain write.

Every file is written where none was before. The plain write gets the bytes ready-made and only has
to bring them to the disk, which archgraph waits for as well; torch's exporters do not. Peak
memory counts from before the module is made, in a process of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.timing import Row, python

__all__ = ["rows"]

NETWORKS = ("resnet18", "googlenet", "resnet152", "vgg19")
NEW, OLD = "torch.onnx.export", "torch.onnx.export, dynamo=False"

_PEAK = """
import logging, pathlib, re, warnings
import torch, onnx, onnxscript, archgraph as ag, archgraph.exporters.onnx
from bench import onnx_export
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) * 1024
net = ag.load("{name}")
before = peak()
module = ag.to_torch(net, seed=None).to_empty(device="cpu").eval()
for tensor in module.state_dict().values():
    tensor.fill_(1)
onnx_export.{way}(net, module, pathlib.Path("{target}"))
weights = sum(each.numel() * each.element_size() for each in module.state_dict().values())
print("peak", (peak() - before) / weights)
"""


def direct(net: object, module: object, target: Path) -> None:
    """Export with archgraph."""
    import archgraph as ag

    ag.export_onnx(net, target, module=module)  # type: ignore[arg-type]


def dynamo(net: object, module: object, target: Path) -> None:
    """Export with torch.onnx.export as it is by default."""
    import torch

    image = torch.zeros(2, *net.input_shape)  # type: ignore[attr-defined]
    shapes = ({0: torch.export.Dim("batch")},)
    with contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(module, (image,), target, dynamic_shapes=shapes, verbose=False)  # type: ignore[arg-type]


def traced(net: object, module: object, target: Path) -> None:
    """Export with torch.onnx.export as it was before, by tracing."""
    import torch

    image = torch.zeros(2, *net.input_shape)  # type: ignore[attr-defined]
    torch.onnx.export(
        module,  # type: ignore[arg-type]
        (image,),
        target,
        dynamo=False,
        input_names=["input"],
        dynamic_axes={"input": {0: "batch"}},
    )


def _least(work: Callable[[Path], object], runs: int) -> float:
    """Return the least time of several runs, each with a folder of its own to write into."""
    times = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            work(Path(folder) / "net.onnx")
            times.append(time.perf_counter() - start)
    return min(times)


def _plain(content: bytes) -> Callable[[Path], None]:
    def write(target: Path) -> None:
        with target.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    return write


def _peak(name: str, way: str) -> float:
    """Return the peak memory of an export in multiples of the weights."""
    with tempfile.TemporaryDirectory() as folder:
        code = _PEAK.format(name=name, way=way, target=f"{folder}/net.onnx")
        done = subprocess.run(python(code), check=True, capture_output=True, text=True)
    (said,) = (line for line in done.stdout.splitlines() if line.startswith("peak "))
    return float(json.loads(said.removeprefix("peak ")))


def rows() -> Iterator[Row]:
    """Yield the comparisons."""
    import archgraph as ag

    warnings.simplefilter("ignore")  # torch's exporters have many
    logging.disable(logging.WARNING)
    for name in NETWORKS:
        net = ag.load(name)
        module = ag.to_torch(net).eval()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "net.onnx"
            direct(net, module, path)
            content = path.read_bytes()
        what = f"exporting {name} to ONNX"
        ours = _least(lambda path: direct(net, module, path), 5)  # noqa: B023
        yield Row(what, ours, "plain write", _least(_plain(content), 5))
        del content
        yield Row(what, ours, NEW, _least(lambda path: dynamo(net, module, path), 2))  # noqa: B023
        yield Row(what, ours, OLD, _least(lambda path: traced(net, module, path), 2))  # noqa: B023
    if sys.platform != "linux":  # others do not tell a process's peak
        return
    for name in NETWORKS:
        ours = _peak(name, "direct")
        for other, way in ((NEW, "dynamo"), (OLD, "traced")):
            yield Row(f"peak memory of exporting {name}", ours, other, _peak(name, way), "weights")
