"""ONNX files that were written from a graph, run beside our own module of the same graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from random_graphs import fed

import archgraph as ag
from archgraph.errors import ExportError
from archgraph.exporters.onnx.runtimes import RUNTIMES

__all__ = ["REFUSED", "written_and_run"]

REFUSED = (
    *("even size", "adaptive max pooling", "an output_padding that is less"),
    *("no form for the function", "no running", "rolls the batch"),
)
"""Words of the sentences about what ONNX cannot hold."""


def _beyond_the_reference(op: ag.ops.Op) -> bool:
    """Return whether onnx's own reference lacks it: padding of pools 1-D or 3-D, RNN of ReLU."""
    padding = getattr(op, "padding", ()) if "Pool" in type(op).__name__ else ()
    return (any(padding) and len(padding) != 2) or getattr(op, "nonlinearity", "") == "relu"


def written_and_run(net: ag.ArchGraph, path: Path, runtimes: Sequence[str]) -> bool:
    """Write a graph and compare what runtimes compute; False where ONNX has no form for it."""
    module = ag.to_torch(net, seed=0)
    images = fed(net, 2)
    with torch.no_grad():
        wanted = module.eval()(*images)
    # A network may give a parameter itself, which asks for its gradient even here.
    wanted = [
        each.detach().numpy() for each in (wanted if isinstance(wanted, tuple) else (wanted,))
    ]
    given_to = {name: image.numpy() for name, image in zip(net.sources, images, strict=True)}
    try:
        ag.export_onnx(net, path, module=module)
    except ExportError as error:
        if any(each in str(error) for each in REFUSED):
            return False
        raise
    onnx.checker.check_model(onnx.load(path), full_check=True)
    for name in runtimes:
        if name == "onnx-reference" and any(_beyond_the_reference(net.op(node)) for node in net):
            continue
        found = RUNTIMES[name].prepare(path, given_to, net.results)()
        for ours, theirs in zip(found, wanted, strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    return True
