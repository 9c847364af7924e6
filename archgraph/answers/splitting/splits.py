"""split: a network over several devices, in stages or by channel."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType
from typing import Any

from archgraph.errors import FormatError
from archgraph.forms import shown
from archgraph.graph import ArchGraph
from archgraph.limits import DEVICES
from archgraph.loading import load
from archgraph.nearest import nearest

__all__ = ["WAYS", "split"]

WAYS = ("pipeline", "channels")
"""How a network can be split."""

LEVELS = ("layer", "block", "stage")
"""Between what stages of a pipeline can be cut."""


def split(
    net: Any,
    devices: int = 2,
    *,
    how: str = "pipeline",
    by: str | None = None,
    slack: int | None = None,
    between: str | None = None,
    talk: str | Sequence[str] | None = None,
    **reading: Any,
) -> ArchGraph:
    """Return a network spread over several devices, each operator with the one that runs it.

    ``net`` is an ArchGraph or whatever ``load`` takes, with ``input``, ``example`` and so on.

    With ``how="pipeline"`` each device runs a contiguous part of the network's order. ``by`` is
    the metric that is balanced, any that adds up over operators: "macs" (default), "params",
    "activation_bytes", your own, or "memory" (weights and the peak of activations). The largest
    part is the smallest that contiguous parts of this order can have, and of such cuts those with
    the least traffic are taken. With ``slack=10`` it may be 10 percent more, where that saves
    traffic. ``between="block"`` (or "stage") cuts only between the blocks that pictures and tables
    show.

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
    for name, value in (("by", by), ("between", between)):
        if value is not None and not isinstance(value, str):
            raise FormatError(f"{name} is {shown(value)}, but it must be a text.")
    if not isinstance(talk, (str, list, tuple, NoneType)) or (
        not isinstance(talk, str) and not all(isinstance(each, str) for each in talk or ())
    ):
        raise FormatError(f"talk is {shown(talk)}, but it must be names of layers.")
    if talk is not None and how != "channels":
        raise FormatError("talk names layers that read all channels, so how must be 'channels'.")
    if how != "pipeline" and {by, slack, between} != {None}:
        raise FormatError(
            "by, slack and between say how stages are balanced, so how must be 'pipeline'."
        )
    if slack is not None and (type(slack) is not int or not 0 <= slack <= 1000):
        raise FormatError(
            f"slack is {slack!r}, but it must be a whole number of percent from 0 to 1,000."
        )
    if between not in (None, *LEVELS):
        raise FormatError(
            f"stages are cut between {', '.join(LEVELS)}, not between '{between}'"
            f"{nearest(str(between), LEVELS)}."
        )
    whole = net if isinstance(net, ArchGraph) and not reading else load(net, **reading)
    if how == "channels":
        from archgraph.answers.splitting.by_channel import by_channel

        return by_channel(whole, devices, talk)
    from archgraph.answers.splitting.pipeline_stages import in_stages

    place, said = in_stages(
        whole, devices, by or "macs", slack=slack or 0, between=between or "layer"
    )
    made = whole.copy()
    made.graph = {
        **whole.graph,
        "title": f"{whole.graph.get('title') or whole.name} on {devices} devices",
        "notes": [*whole.graph.get("notes", ()), said],
    }
    for name in made:
        made.nodes[name]["device"] = place.get(name)
    return made
