"""Times of PyTorch on a network's module: each submodule's calls, by the nodes that they are."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from archgraph.answers.speed.times import Asked, Measured, grouped
from archgraph.graph import ArchGraph

from ..pytorch import inference, running_order, to_torch
from .inputs_drawn import drawn_inputs

__all__ = ["torch_times"]


def torch_times(net: ArchGraph, asked: Asked) -> Measured:
    """Return the times of a network's nodes in PyTorch, one operator after the other.

    It is the module that ``to_torch`` gives, in evaluation mode. Raises ExportError for a network
    that PyTorch cannot run.
    """
    module: Any = to_torch(net)
    given = list(drawn_inputs(net, asked.batch).values())
    starts: dict[str, float] = {}
    times: dict[str, list[float]] = {}
    whole: list[float] = []
    nodes: dict[str, list[str]] = {}  # by path, in the order in which they run
    for name, path in running_order(module):
        nodes.setdefault(path, []).append(name)

    def before(path: str) -> Callable[..., None]:
        def start(*_: Any) -> None:
            starts[path] = time.perf_counter()

        return start

    def after(path: str) -> Callable[..., None]:
        def stop(*_: Any) -> None:
            times.setdefault(path, []).append(1e3 * (time.perf_counter() - starts[path]))

        return stop

    threads = torch.get_num_threads()
    torch.set_num_threads(asked.threads)
    try:
        with torch.no_grad(), inference(module):
            for run in range(asked.warm_up + asked.runs):
                start = time.perf_counter()
                module(*given)
                if run >= asked.warm_up:
                    whole.append(1e3 * (time.perf_counter() - start))
            for path in nodes:
                part = module.get_submodule(path)
                part.register_forward_pre_hook(before(path))
                part.register_forward_hook(after(path))
            for _ in range(asked.warm_up + asked.runs):
                module(*given)
    finally:
        torch.set_num_threads(threads)
    rows = []
    for path, names in nodes.items():
        found = times.get(path, [])
        if len(found) % len(names):  # what runs again is not told apart
            rows.append((names, [found]))
            continue
        for number, name in enumerate(names):
            rows.append(([name], [found[number :: len(names)]]))
    return Measured("torch", torch.__version__, asked, grouped(net, rows, asked), tuple(whole), net)
