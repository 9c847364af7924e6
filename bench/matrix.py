"""Runs every network in every runtime and writes the tables into docs/onnx.md.

``python -m bench.matrix`` takes half an hour on two cores; ``python -m bench.matrix options`` only
tries the options of the export, on one small network, in two minutes.
"""

from __future__ import annotations

import platform
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import archgraph as ag
from archgraph.exporters.onnx import Options, Row, compare
from archgraph.exporters.onnx.options import OPSETS
from archgraph.exporters.onnx.runtimes import Runtime, installed
from bench.page import put

PAGE = Path("docs/onnx.md")
SMALL = "resnet20_cifar"
CHOICES: dict[str, dict[str, Any]] = {
    **{f"opset {opset}": {"opset": opset} for opset in OPSETS},
    **{f"IR version {version}": {"ir_version": version} for version in (8, 9, 11, 12, 13, 14)},
    "batch of 1": {"batch": 1},
    "any image size": {"size": "dynamic"},
    "batch norms folded": {"fold_batch_norm": True},
    "with softmax": {"softmax": True},
    "weights in a second file": {"external": True},
    "float16": {"precision": "float16"},
}

Line = tuple[str, dict[str, Row]]


def line(title: str, net: ag.ArchGraph, module: Any, choices: dict[str, Any]) -> Line:
    """Export a network with these choices and run it everywhere."""
    with tempfile.TemporaryDirectory() as folder:
        path = ag.export_onnx(net, Path(folder) / "net.onnx", module=module, **choices)
        rows = {row.runtime: row for row in compare(path, net, module, Options(**choices))}
    told = ", ".join(f"{name} {row.verdict}" for name, row in rows.items())
    print(f"{title}: {told}", *[row.reason for row in rows.values() if row.reason], flush=True)
    return title, rows


def networks() -> Iterable[Line]:
    """Yield a line for each network of the gallery."""
    for name in ag.architectures():
        net = ag.load(name)
        yield line(f"`{name}`", net, ag.to_torch(net, seed=1), {})


def options() -> Iterable[Line]:
    """Yield a line for each option of the export."""
    net = ag.load(SMALL)
    module = ag.to_torch(net, seed=1)
    for title, choices in CHOICES.items():
        yield line(title, net, module, choices)


def markdown(head: str, lines: Sequence[Line], runtimes: Sequence[Runtime]) -> str:
    """Return a table; below it the reason for each cell that is not green."""
    notes: list[str] = []
    titles = [f"{runtime.name} {runtime.version()}" for runtime in runtimes]
    found = [f"| {head} | {' | '.join(titles)} |", "|---|" + "---|" * len(titles)]
    for title, rows in lines:
        cells = []
        for runtime in runtimes:
            row = rows[runtime.name]
            if row.verdict == "agrees":
                cells.append(f"✓ {row.difference:.0e}")
                continue
            reason = f"{row.runtime} {row.verdict}: {row.reason}"
            if reason not in notes:
                notes.append(reason)
            cells.append(f"✗ [{notes.index(reason) + 1}]")
        found.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join([*found, *(f"\n[{i}] {note}" for i, note in enumerate(notes, 1))])


def main(parts: Sequence[str]) -> None:
    """Make the tables, by default both."""
    runtimes = installed()
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}."
    for mark, head, lines in (
        ("options", "Option", options),
        ("networks", "Network", networks),
    ):
        if not parts or mark in parts:
            put(PAGE, mark, f"{markdown(head, list(lines()), runtimes)}\n\n{system}")


if __name__ == "__main__":
    main(sys.argv[1:])
