"""Costing ResNet-152: archgraph against torchinfo and fvcore.

Both need a module and a pass through it. Theirs is archgraph's own, made without initialising its
weights, which is the quickest way to one; making it counts in the cold start only, as importing
does.
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
