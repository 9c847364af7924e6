"""A module's nodes put on real devices, as its graph says."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from archgraph.errors import ExportError

from .module import GraphModule

__all__ = ["place"]


def place(module: GraphModule, devices: Mapping[int, str | torch.device]) -> GraphModule:
    """Move each node to its device: ``place(module, {0: "cuda:0", 1: "cuda:1"})``.

    ``devices`` maps the graph's device numbers to torch devices; tensors travel between them
    where the graph's edges cross. Nodes without a device stay. Raises ExportError when a number
    has no device.
    """
    used = sorted({step.device for step in module._training_plan.steps if step.device is not None})
    absent = [number for number in used if number not in devices]
    if absent:
        raise ExportError(
            f"'{module._title}' runs on devices {used}, but devices[{absent[0]}] is not given."
        )
    for step in module._training_plan.steps:
        if step.device is not None:
            module.get_submodule(step.name).to(devices[step.device])
    module._placement = {number: torch.device(devices[number]) for number in used}
    return module
