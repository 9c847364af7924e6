"""Costing: ResNet-152 against torchinfo and fvcore, and long chains against short ones.

Both tools need a module and a pass through it. Theirs is archgraph's own, made without
initialising its weights, which is the quickest way to one; making it counts in the cold start
only, as importing does.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

from bench.timing import Row, cold, python, seconds

__all__ = ["rows"]

NAME = "resnet152"
MACS = 11_513_626_624

_MODULE = f"""
import torch, archgraph as ag
module = ag.to_torch(ag.load("{NAME}"), seed=None).to_empty(device="cpu")
image = torch.zeros(1, 3, 224, 224)
"""
_TORCHINFO = f"{_MODULE}\nimport torchinfo\nprint(torchinfo.summary(module, input_data=image))"
_FVCORE = f"""{_MODULE}
from fvcore.nn import FlopCountAnalysis, flop_count_table
print(flop_count_table(FlopCountAnalysis(module, image)))"""


def rows() -> Iterator[Row]:
    """Yield the comparisons."""
    ours = cold([sys.executable, "-m", "archgraph", "cost", NAME])
    what = f"cost table of {NAME}, cold start"
    yield Row(what, ours, "torchinfo", cold(python(_TORCHINFO), 2))
    yield Row(what, ours, "fvcore", cold(python(_FVCORE), 2))

    import torch
    import torchinfo
    from fvcore.nn import FlopCountAnalysis

    import archgraph as ag

    net = ag.load(NAME)
    module = ag.to_torch(net, seed=None).to_empty(device="cpu")
    image = torch.zeros(1, 3, 224, 224)
    logging.disable(logging.WARNING)  # fvcore names each operator that it does not count

    def count() -> None:
        if ag.load(NAME).total("macs") != MACS:
            raise AssertionError("a benchmark must count right")

    what = f"building and costing {NAME}, in Python"
    ours = seconds(count, 20)
    yield Row(
        what,
        ours,
        "torchinfo",
        seconds(lambda: torchinfo.summary(module, input_data=image, verbose=0), 2),
    )
    yield Row(what, ours, "fvcore", seconds(lambda: FlopCountAnalysis(module, image).total(), 2))
    yield from _lengths()


def _lengths() -> Iterator[Row]:
    """Yield what a node takes in chains of any length; the same where it all stays linear."""
    spent = {count: _node(count) for count in (1_000, 10_000, 100_000)}
    short, *longer = spent
    for count in longer:
        what = f"costs and peak memory in a chain of {count:,} nodes, each node"
        yield Row(what, spent[count], f"{short:,} nodes", spent[short], "µs")


def _node(count: int) -> float:
    """Return the microseconds of a node: made, counted, its memory's peak found."""
    import archgraph as ag

    def work() -> None:
        b = ag.Builder("chain", input=(16, 32, 32))
        x = b.input
        for place in range(count // 2):
            conv = b.conv(f"conv{place}", x, 16, 3, padding=1)
            x = b.relu(f"relu{place}", conv)
        net = b.build(x)
        totals = [net.total(each) for each in ("params", "macs", "flops", "activation_bytes")]
        if None in totals or not net.total("peak_memory"):
            raise AssertionError("a benchmark must count")

    return seconds(work, max(3, 20_000 // count)) / count * 1e6
