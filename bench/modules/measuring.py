"""One module of the list, read by everybody: what they say, and how long they take."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

import archgraph as ag
from archgraph.answers.peers.apart import apart
from archgraph.importers.torch.example_inputs import arguments_of
from archgraph.importers.torch.held_tensors import held_by
from archgraph.importers.torch.network import inner
from archgraph.importers.torch.tracing import traced
from bench.modules.entry import Entry
from bench.modules.oracle import counted, parameters
from bench.modules.peers import PEERS

__all__ = ["Measured", "measured", "warmed"]

SEED = 7
BATCHES = (2, 3)
LONGEST = 60.0
"""Seconds that one tool may take for one module."""


@dataclass(slots=True)
class Measured:
    """What was found for one module; seconds are those of the processor.

    ``macs`` are ours for one example, ``right`` says whether they and the parameters are torch's;
    ``way`` is how we ran it, and ``peers`` hold each tool's seconds or why it failed.
    """

    name: str
    source: str
    nodes: int = 0
    params: int | None = None
    unused: int = 0
    macs: int | None = None
    batched: bool = True
    way: str = ""
    seconds: float = math.nan
    right: bool = False
    said: str = ""
    why: str = ""
    peers: dict[str, float | str] = field(default_factory=dict)


def measured(entry: Entry) -> Measured:
    """Return what everybody says of a module."""
    found = apart(lambda: _measured(entry), 8 * LONGEST)
    if "error" in found:
        return Measured(entry.name, entry.source, said=found["error"])
    return Measured(**found)


def warmed() -> None:
    """Let every tool load what it loads when it is first used."""
    nn = torch.nn
    conv = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten())
    attention = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    for module, example in ((conv, torch.ones(2, 3, 8, 8)), (attention, torch.ones(2, 4, 8))):
        ag.load(module.eval(), example=example)
        for ways in PEERS.values():
            ways[-1](module, example)


def _measured(entry: Entry) -> dict[str, Any]:
    module = _made(entry)
    examples = [_example(entry, batch) for batch in BATCHES]
    found: dict[str, Any] = {"name": entry.name, "source": entry.source, "why": entry.why}
    found |= _apart(lambda: _ours(entry, module, examples))
    found["peers"] = {}
    for tool, ways in PEERS.items():
        for way in ways:
            told = _apart(lambda way=way: {"seconds": _timed(lambda: way(module, examples[0]))})
            if "seconds" in told:
                break
        found["peers"][tool] = told.get("seconds", told.get("said"))
    return found


def _apart(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    found = apart(work, LONGEST)
    return {"said": found["error"]} if "error" in found else found


def _ours(entry: Entry, module: torch.nn.Module, examples: list[Any]) -> dict[str, Any]:
    """Return what we say; ``said`` where torch says something else."""
    torch_says = parameters(module)
    start = time.process_time()
    net = ag.load(module, example=examples[0])
    seconds = time.process_time() - start
    keys = net.graph.get("unused", [])
    unused = sum(math.prod(net.tensors[key].shape) for key in keys)
    macs = [
        net.total("macs", batch=batch)
        if net.batched
        else ag.load(module, example=example).total("macs")
        for batch, example in zip(BATCHES, examples, strict=True)
    ]
    seen = counted(lambda: _made(entry), examples) if entry.counter else [0] * len(BATCHES)
    if entry.skipped is not None:
        seen = [n + entry.skipped(module, b) for n, b in zip(seen, BATCHES, strict=True)]
    params = net.total("params")
    said = []
    if params is None or params + unused != torch_says:
        said.append(f"parameters {params} + {unused}, torch {torch_says}")
    if macs != seen:
        said.append(f"MACs {macs}, torch {seen}")
    return {
        "nodes": len(net),
        "params": params,
        "unused": unused,
        "macs": net.total("macs") if net.batched else macs[0],
        "batched": net.batched,
        "way": _way(module, examples[0]),
        "seconds": seconds,
        "right": not said,
        "said": "; ".join(said),
    }


def _way(module: torch.nn.Module, example: Any) -> str:
    module = inner(module)
    return traced(module, held_by(module), arguments_of(module, example)).way


def _made(entry: Entry) -> torch.nn.Module:
    torch.manual_seed(SEED)
    return entry.make().eval()


def _example(entry: Entry, batch: int) -> Any:
    torch.manual_seed(SEED)
    return entry.example(batch)


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
