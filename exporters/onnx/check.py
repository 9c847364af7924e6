"""Runs an exported file in the runtimes that are installed and compares it with PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
import torch
from torch import nn

from archgraph.errors import CheckError, ExportError
from archgraph.graph import ArchGraph
from archgraph.limits import RUN
from archgraph.ops import Embedding
from archgraph.provenance import Provenance
from archgraph.tensors import at_batch
from archgraph.units import bytes_text

from ..pytorch import inference
from .options import Options
from .runtimes import RUNTIMES, Runtime, Trial, chosen, try_runtime
from .runtimes.runtime import Array

__all__ = ["TOLERANCE", "Row", "check_file", "compare", "difference"]

TOLERANCE = {"float32": 1e-4, "float16": 2e-2}
"""The largest difference, relative to the largest output, that still counts as equal."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one runtime fared with a file.

    ``verdict`` is "agrees", "differs", or "cannot" when the runtime did not run the file;
    ``reason`` then says why. ``difference`` is the largest one to what it is compared ``against``,
    PyTorch or what the network was read from, relative to the largest output there;
    ``milliseconds`` the median time per image, at the batch of the check.
    """

    runtime: str
    version: str
    verdict: Literal["agrees", "differs", "cannot"]
    difference: float | None = None
    milliseconds: float | None = None
    reason: str | None = None
    note: str = ""
    against: str = "PyTorch"


@dataclass(frozen=True, slots=True)
class _Question:
    """What every runtime is asked: the file, its inputs, and what is the answer, by whom."""

    path: Path
    inputs: dict[str, Array]
    outputs: tuple[str, ...]
    expected: tuple[Array, ...]
    answered_by: str = "PyTorch"


def compare(
    path: str | Path,
    net: ArchGraph,
    module: nn.Module,
    options: Options | None = None,
    runtimes: Sequence[str] | None = None,
    original: Provenance | None = None,
) -> Iterator[Row]:
    """Yield a row for each runtime: those named, or all that are installed.

    ``options`` are those of the export; what the file should give, ``original`` says where it can,
    else ``module``. Raises CheckError and MissingDependencyError for runtimes
    that do not exist or are not installed; what a runtime cannot do stands in its row.
    """
    options = options or Options()
    asked = chosen(runtimes)
    batch = 2 if options.batch == "dynamic" else options.batch
    question = _question(Path(path), net, module, batch, options, original)
    for runtime in asked:
        trial = try_runtime(runtime, question.path, question.inputs, question.outputs)
        yield _row(runtime, trial, question, batch, TOLERANCE[options.precision])


def check_file(
    path: str | Path,
    net: ArchGraph,
    module: nn.Module,
    options: Options | None = None,
    runtimes: Sequence[str] | None = None,
    report: Callable[[Row], None] = lambda _: None,
    original: Provenance | None = None,
) -> tuple[Row, ...]:
    """Return the rows of ``compare``; ``report`` is told each as it comes.

    Raises CheckError when a runtime's outputs differ from what they should be, or when none ran
    the file.
    """
    rows = []
    for row in compare(path, net, module, options, runtimes, original):
        report(row)
        rows.append(row)
    wrong = [row for row in rows if row.verdict == "differs"]
    if wrong:
        raise CheckError(
            "; ".join(f"in {row.runtime} the file {row.reason}" for row in wrong) + "."
        )
    if all(row.verdict == "cannot" for row in rows):
        raise CheckError(f"no runtime could run the file; {rows[0].runtime}: {rows[0].reason}.")
    return tuple(rows)


def difference(path: Path, net: ArchGraph, module: nn.Module, batch: int) -> float:
    """Return the largest difference between onnxruntime and PyTorch, relative to the output.

    It runs in this process, which is quicker than ``compare`` when many files are compared.
    """
    question = _question(path, net, module, batch, Options(batch=batch))
    run = RUNTIMES["onnxruntime"].prepare(path, question.inputs, question.outputs)
    return _largest(run(), question.expected)


def _question(
    path: Path,
    net: ArchGraph,
    module: nn.Module,
    batch: int,
    options: Options,
    original: Provenance | None = None,
) -> _Question:
    """Draw inputs, normally distributed where they are floats, and let the original answer."""
    size = net.total("activation_bytes", batch=batch)
    if size is not None and size > RUN:
        raise ExportError(
            f"'{net.name}' computes {bytes_text(size)} of tensors, but only up to "
            f"{bytes_text(RUN)} a file is checked by running it."
        )
    graph = onnx.load(path, load_external_data=False).graph
    generator = torch.Generator().manual_seed(0)
    if original is not None and original.example is not None:
        drawn = [each.cpu() for each in original.example(batch)]
    else:
        drawn = [_drawn(net, name, batch, generator) for name in net.sources]
    if original is not None and original.answers is not None:
        wanted = [torch.as_tensor(each) for each in original.answers(drawn)]
    else:
        wanted = _answered(module, drawn)
    if options.softmax or graph.output[0].name in ("softmax", "probabilities"):
        wanted[0] = wanted[0].softmax(1)
    # torch's own exporter names inputs its way.
    taken = {value.name: value.type.tensor_type.elem_type for value in graph.input}
    names = net.sources if set(taken) == set(net.sources) else list(taken)
    # A head that only training uses is in the file when asked for, but silent in PyTorch here.
    outputs = [value.name for value in graph.output][: len(wanted)]
    return _Question(
        path,
        {
            name: each.numpy().astype(onnx.helper.tensor_dtype_to_np_dtype(taken[name]))
            for name, each in zip(names, drawn, strict=True)
        },
        tuple(outputs),
        tuple(value.float().cpu().numpy() for value in wanted),
        original.name if original is not None and original.answers is not None else "PyTorch",
    )


def _answered(module: nn.Module, drawn: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Return the outputs of a module, which may lie on another device and hold other floats."""
    like = next(module.parameters(), torch.zeros(()))
    given = [each.to(like) if each.is_floating_point() else each.to(like.device) for each in drawn]
    with torch.no_grad(), inference(module):
        answered = module(*given)
    return list(answered) if isinstance(answered, tuple) else [answered]


def _drawn(net: ArchGraph, name: str, batch: int, generator: torch.Generator) -> torch.Tensor:
    """Return a tensor for an input: whole numbers below the table's rows where it looks up."""
    tensor = net.nodes[name]["outputs"][0]
    shape = at_batch(tensor.shape, batch)
    if tensor.dtype.startswith(("float", "bfloat")):
        return torch.randn(shape, generator=generator)
    tables = [op.num_embeddings for op in map(net.op, net.succ[name]) if isinstance(op, Embedding)]
    whole = torch.randint(0, min(tables, default=2), shape, generator=generator)
    return whole.to(getattr(torch, tensor.dtype))


def _row(runtime: Runtime, trial: Trial, question: _Question, batch: int, tolerance: float) -> Row:
    row = Row(
        runtime.name,
        runtime.version() or "?",
        "cannot",
        reason=trial.reason,
        note=runtime.note,
        against=question.answered_by,
    )
    if trial.outputs is None or trial.seconds is None:
        return row
    row = replace(row, milliseconds=trial.seconds * 1000 / batch, reason=None)
    try:
        found = _largest(trial.outputs, question.expected, question.answered_by)
    except CheckError as error:
        return replace(row, verdict="differs", reason=str(error))
    if found <= tolerance:  # not so when it is not a number
        return replace(row, verdict="agrees", difference=found)
    said = (
        f"differs from {question.answered_by} by {found:.2g} of its largest output, "
        f"more than {tolerance:g}"
    )
    return replace(row, verdict="differs", difference=found, reason=said)


def _largest(
    found: Sequence[Array], expected: Sequence[Array], answered_by: str = "PyTorch"
) -> float:
    """Return the largest difference of all outputs, each relative to its largest value."""
    worst = 0.0
    for got, wanted in zip(found, expected, strict=True):
        if got.shape != wanted.shape:
            raise CheckError(f"gives {got.shape}, but {answered_by} gives {wanted.shape}")
        scale = float(np.abs(wanted).max()) or 1.0
        off = float(np.abs(got.astype(np.float32) - wanted).max()) / scale
        worst = float(np.maximum(worst, off))  # keeps NaN
    return worst
