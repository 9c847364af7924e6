"""The well-known counters and their rules, by name."""

from __future__ import annotations

from archgraph.answers.peers.ptflops_rules import PTFLOPS
from archgraph.answers.peers.rules import CALFLOPS, FVCORE, THOP, TORCH_MATH, TORCHINFO

__all__ = ["COUNTERS"]

COUNTERS = {
    "torch's counter": TORCH_MATH,
    "fvcore": FVCORE,
    "thop": THOP,
    "torchinfo": TORCHINFO,
    "ptflops": PTFLOPS,
    "calflops": CALFLOPS,
}
"""The well-known counters, torch's own with plain attention and gradients on."""
