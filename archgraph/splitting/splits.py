"""split: a network over several devices, in stages or by channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.limits import DEVICES
from archgraph.loading import load
from archgraph.nearest import nearest

__all__ = ["WAYS", "split"]

WAYS = ("pipeline", "channels")
"""How a network can be split."""


def split(
    net: Any,
    devices: int = 2,
    *,
    how: str = "pipeline",
    by: str | None = None,
    slack: int | None = None,
    talk: str | Sequence[str] | None = None,
    **reading: Any,
) -> ArchGraph:
    """Return a network spread over several devices, each operator with the one that runs it.

    ``net`` is an ArchGraph or whatever ``load`` takes, with ``input``, ``example`` and so on.

    With ``how="pipeline"`` each device runs a contiguous part of the network's order. ``by`` is
    the metric that is balanced, any that adds up over operators: "macs" (default), "params",
    "activation_bytes", or your own. The largest part is the smallest that contiguous parts of this
    order can have, and of such cuts those with the least traffic are taken. With ``slack=10`` it
    may be 10 percent more, where that saves traffic.

    With ``how="channels"`` each device holds its part of the filters of every layer, as AlexNet
    was split in 2012. Without ``talk``, layers that read all channels bring them together first,
    so the function stays the same. ``talk`` names the layers that may do so; all others then read
    what is on their own device only, as grouped convolutions do, which is another network with
    fewer weights.

    What crosses and what each device has says ``placement``. Raises FormatError, UnknownNameError
    and ShapeError for what cannot be split so.
    """
    if type(devices) is not int or not 2 <= devices <= DEVICES:
        raise FormatError(
            f"devices is {devices!r}, but it must be a whole number from 2 to {DEVICES:,}."
        )
    if how not in WAYS:
        raise FormatError(
            f"a network cannot be split by '{how}'{nearest(str(how), WAYS)}; there are "
            f"{' and '.join(WAYS)}."
        )
    if talk is not None and how != "channels":
        raise FormatError("talk says where channels are read on all devices: how is 'channels'.")
    if how != "pipeline" and (by is not None or slack is not None):
        raise FormatError("by and slack say how stages are balanced: how is 'pipeline'.")
    if slack is not None and (type(slack) is not int or not 0 <= slack <= 1000):
        raise FormatError(f"slack is {slack!r}, but it must be 0 to 1000 percent, a whole number.")
    whole = net if isinstance(net, ArchGraph) and not reading else load(net, **reading)
    if how == "channels":
        from archgraph.splitting.by_channel import by_channel

        return by_channel(whole, devices, talk)
    from archgraph.splitting.pipeline_stages import in_stages

    place, said = in_stages(whole, devices, by or "macs", slack=slack or 0)
    made = whole.copy()
    made.graph = {**whole.graph, "notes": [*whole.graph.get("notes", ()), said]}
    for name in made:
        made.nodes[name]["device"] = place.get(name)
    return made
