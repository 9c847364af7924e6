"""split: a network over several devices, in stages or by channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.answers.asked_options import SplitOptions
from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.loading import READING, network_of
from archgraph.options import refuse_unknown, written

__all__ = ["split"]


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
    asked = SplitOptions(
        devices=devices,
        how=how,
        by=by,
        slack=slack,
        between=between,
        talk=talk,  # type: ignore[arg-type]
    )
    devices, how = asked.devices or 2, asked.how
    if asked.talk is not None and how != "channels":
        raise FormatError(
            f"{written('talk')} names layers that read all channels: it needs "
            f"{written('how', 'channels')}."
        )
    for name, value in (("by", asked.by), ("slack", asked.slack), ("between", asked.between)):
        if how != "pipeline" and value is not None:
            raise FormatError(
                f"{written(name)} says how stages are balanced: it needs "
                f"{written('how', 'pipeline')}."
            )
    whole = network_of(net, reading)
    refuse_unknown("split", reading, [*SplitOptions.names(), *READING])
    if how == "channels":
        from archgraph.answers.splitting.by_channel import by_channel

        return by_channel(whole, devices, asked.talk)
    from archgraph.answers.splitting.pipeline_stages import in_stages

    place, said = in_stages(
        whole,
        devices,
        asked.by or "macs",
        slack=asked.slack or 0,
        between=asked.between or "layer",
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
