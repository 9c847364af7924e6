"""One network by all tools, each in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

import archgraph as ag
from archgraph.counters.counted_parts import parts
from archgraph.counters.rules import explained
from bench.counters.marking import mark
from bench.counters.networks import Network
from bench.counters.tools import TOOLS, Tool
from bench.modules.apart import apart

__all__ = ["Measured", "Said", "measured", "read"]

LONGEST = 600.0
"""Seconds that one tool may take for one network."""


@dataclass(frozen=True)
class Said:
    """What one tool said: its number, in MACs, and why that differs; or why it said nothing."""

    tool: Tool
    reported: float | None
    macs: int | None
    because: dict[str, int]
    remainder: float | None
    failed: str = ""


@dataclass(frozen=True)
class Measured:
    """One network: archgraph's numbers, those of attention's two products, and all tools'."""

    network: Network
    params: int
    macs: int
    attention: int
    said: list[Said] = field(default_factory=list)


def read(module: nn.Module, example: Tensor) -> ag.ArchGraph:
    """Return a module's graph, marked with who computes each node."""
    return mark(ag.load(module, example=example), module, example)


def measured(network: Network) -> Measured:
    """Return what everybody says of a network."""
    ours = apart(lambda: _ours(network), LONGEST)
    if "error" in ours:
        raise SystemExit(f"{network.name}: {ours['error']}")
    found = Measured(network, ours["params"], ours["macs"], ours["attention"])
    for number, tool in enumerate(TOOLS):
        told = apart(lambda tool=tool: {"number": _asked(tool, network)}, LONGEST)
        because = ours["rules"][number]
        reported = told.get("number")
        if reported is None:
            found.said.append(Said(tool, None, None, because, None, told["error"]))
            continue
        macs = reported / tool.per_mac
        remainder = macs - found.macs - sum(because.values())
        found.said.append(Said(tool, reported, round(macs), because, remainder))
    return found


def _made(network: Network) -> nn.Module:
    torch.manual_seed(0)
    return network.make().eval()


def _ours(network: Network) -> dict[str, Any]:
    net = read(_made(network), network.example())
    return {
        "params": net.total("params"),
        "macs": net.total("macs"),
        "attention": sum(part.macs for part in parts(net) if part.attention),
        "rules": [explained(net, tool.rules) for tool in TOOLS],
    }


def _asked(tool: Tool, network: Network) -> float:
    return float(tool.ask(_made(network), network.example()))
