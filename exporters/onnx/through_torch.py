"""The way through torch's own exporter: slower, with its names; an independent check of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import torch
from torch import nn

from archgraph.errors import ExportError, MissingDependencyError
from archgraph.files import replacing
from archgraph.graph import ArchGraph
from archgraph.optional import needing
from archgraph.options import written
from archgraph.tensors import Batch, at_batch

from ..pytorch import inference
from .options import Options

__all__ = ["through_torch"]

TAKEN = ("opset", "batch")
"""The options that torch's exporter can follow."""


def through_torch(
    net: ArchGraph,
    module: nn.Module,
    target: Path,
    options: Options,
    verify: Callable[[Path], None],
) -> None:
    """Export with ``torch.onnx.export``; ``verify`` sees the file before it takes its place.

    Raises ExportError for an option that only the direct way has, and when torch fails.
    """
    usual = Options()
    for field in fields(Options):
        value = getattr(options, field.name)
        if field.name not in TAKEN and value != getattr(usual, field.name):
            raise ExportError(
                f"{written('via', 'torch')} takes no {written(field.name, value)}; "
                "leave one of the two out."
            )
    batch = 2 if options.batch == "dynamic" else options.batch
    inputs = [net.nodes[name]["outputs"][0] for name in net.sources]
    examples = tuple(
        torch.zeros(at_batch(each.shape, batch), dtype=getattr(torch, each.dtype))
        for each in inputs
    )
    size = torch.export.Dim("batch")
    first, *others = (
        {
            axis: size if int(extent) == 1 else int(extent) * size
            for axis, extent in enumerate(each.shape)
            if type(extent) is Batch
        }
        for each in inputs
    )
    # As the module's ``forward(x, *others)`` takes them.
    shapes = (first, tuple(others)) if others else (first,)
    # It reports on operators of packages that no network here uses.
    chatty = logging.getLogger("torch.onnx")
    level = chatty.level
    chatty.setLevel(logging.ERROR)
    try:
        with inference(module), needing(written("via", "torch")):
            program = torch.onnx.export(
                module,
                examples,
                dynamo=True,
                opset_version=options.opset,
                dynamic_shapes=shapes if options.batch == "dynamic" else None,
                verbose=False,
            )
    except MissingDependencyError:
        raise
    except Exception as error:
        cause = error.__cause__ or error  # its own message is advice
        said = str(cause).strip().partition("\n")[0] or type(cause).__name__
        raise ExportError(f"torch could not export '{net.name}': {said}") from None
    finally:
        chatty.setLevel(level)
    if program is None:
        raise ExportError(f"torch could not export '{net.name}'.")
    with replacing(target) as temporary:
        program.save(str(temporary))
        if len(list(temporary.parent.iterdir())) > 1:  # its weights, which would be left behind
            raise ExportError(
                f"'{target}' would be larger than 2 GB, which torch writes as two files; leave "
                f"{written('via', 'torch')} out."
            )
        verify(temporary)
