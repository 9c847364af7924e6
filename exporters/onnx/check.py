"""Runs an exported file in onnxruntime and compares it with PyTorch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from archgraph.errors import CheckError, MissingDependencyError
from archgraph.graph import ArchGraph

from .options import Options

__all__ = ["TOLERANCE", "check_file", "difference"]

TOLERANCE = {"float32": 1e-4, "float16": 2e-2}
"""The largest difference, relative to the largest output, that still counts as equal."""


def difference(path: Path, net: ArchGraph, module: nn.Module, batch: int, seed: int = 0) -> float:
    """Return the largest difference between onnxruntime and PyTorch, relative to the output.

    Both get the same normally distributed images; the first output is compared.
    """
    try:
        import onnxruntime
    except ImportError:
        raise MissingDependencyError(
            "checking an ONNX file needs onnxruntime: pip install onnxruntime."
        ) from None
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    images = torch.randn(batch, *net.input_shape, generator=torch.Generator().manual_seed(seed))
    first = session.get_inputs()[0]
    fed = images.half() if first.type == "tensor(float16)" else images
    (got, *_) = session.run(None, {first.name: fed.numpy()})
    with torch.no_grad():
        wanted = module.eval()(images)
    if isinstance(wanted, tuple):
        wanted = wanted[0]
    if session.get_outputs()[0].name in ("softmax", "probabilities"):
        wanted = wanted.softmax(1)
    reference = wanted.float().numpy()
    if got.shape != reference.shape:
        raise CheckError(f"'{path}' gives {got.shape}, but PyTorch gives {reference.shape}.")
    scale = float(np.abs(reference).max()) or 1.0
    return float(np.abs(got.astype(np.float32) - reference).max()) / scale


def check_file(path: Path, net: ArchGraph, module: nn.Module, options: Options) -> float:
    """Return the difference to PyTorch, or raise CheckError when it is too large."""
    batch = 2 if options.batch == "dynamic" else options.batch
    found = difference(path, net, module, batch)
    if not found <= TOLERANCE[options.precision]:
        raise CheckError(
            f"'{path}' differs from PyTorch by {found:.2g} of its largest output, more than "
            f"{TOLERANCE[options.precision]:g}."
        )
    return found
