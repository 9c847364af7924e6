"""What colour means in a picture: the operator family, the device, or a metric."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.metrics import Metric
from archgraph.nearest import nearest

from ..dress.spoken import listed, say
from ..view import View, ViewNode
from .contrast import readable
from .own_colours import own_tone
from .theme import FAMILY_WORDS, Theme, Tone, ramp
from .themes_worn import theme_named

__all__ = ["Colouring", "Scale", "colouring", "families", "kind_words", "tone_name", "tone_of"]


@dataclass(frozen=True, slots=True)
class Scale:
    """A metric's colour bar, from ``low`` to ``high``."""

    metric: Metric
    low: float
    high: float
    log: bool


@dataclass(frozen=True, slots=True)
class Colouring:
    """The tone of every node, and what a legend says about them."""

    tones: Mapping[str, Tone]
    legend: tuple[tuple[str, Tone], ...]
    scale: Scale | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    """What the legend calls each node, where it tells kinds of nodes apart."""

    def of(self, shown: Collection[str]) -> Colouring:
        """Return the colours of a page with some nodes: its legend says of no others."""
        if not self.words:
            return self
        said = {self.words[key] for key in shown if key in self.words}
        return replace(self, legend=tuple(each for each in self.legend if each[0] in said))


def tone_name(node: ViewNode) -> str:
    """Return the kind of box that a node is, as themes and legends name it."""
    return "reduction" if node.kind == "conv" and node.role == "reduction" else node.kind


def tone_of(node: ViewNode, theme: str = "light") -> Tone:
    """Return the colours of a box by what it is; the themes are light, dark and print."""
    if node.color:
        return own_tone(node.color, theme_named(theme))
    return theme_named(theme).tone(tone_name(node))


def families(kinds: Iterable[str], theme: Theme) -> tuple[tuple[str, Tone], ...]:
    """Return what a legend says of these kinds of boxes; of a foreign family its own name."""
    used = dict.fromkeys(kinds)
    if "input" in used:  # outputs are as white, and say what they are
        used.pop("output", None)
    known = [kind for kind in FAMILY_WORDS if kind in used]
    foreign = [kind for kind in used if kind not in FAMILY_WORDS]
    return tuple((kind_words(kind), theme.tone(kind)) for kind in [*known, *foreign])


def kind_words(kind: str) -> str:
    """Return what a legend calls a kind of box; a foreign family has its own name."""
    return say(FAMILY_WORDS.get(kind, kind))


def colouring(
    net: ArchGraph, view: View, by: str, theme: Theme, *, scale: str = "auto"
) -> Colouring:
    """Return the colours of a view by "op", "device" or a metric's name.

    ``scale`` is "linear", "log" or "auto": log where the largest value is over ten times the
    smallest. Raises DrawError for a metric that there is not, and for devices on a network that
    names none. Continuation marks have no colour of their own.
    """
    view = replace(view, nodes={key: node for key, node in view.nodes.items() if not node.marks})
    if by == "op":
        names = {key: tone_name(node) for key, node in view.nodes.items()}
        tones = {key: theme.tone(name) for key, name in names.items()}
        usual = {key: name for key, name in names.items() if not view.nodes[key].color}
        legend = families(usual.values(), theme)
        white = {"output": "input"} if "input" in usual.values() else {}
        kinds = {key: white.get(name, name) for key, name in usual.items()}
        words = {key: kind_words(kind) for key, kind in kinds.items()}
        return _with_own(Colouring(tones, legend, words=words), view, theme)
    if by == "device":
        return _with_own(_by_device(net, view, theme), view, theme)
    if not net.has_metric(by):
        known = ["op", "device", *net.metric_names()]
        raise DrawError(f"cannot colour by '{by}'{nearest(by, known)}; use {', '.join(known)}.")
    return _with_own(_by_metric(net, view, net.metric(by), theme, scale), view, theme)


def _with_own(found: Colouring, view: View, theme: Theme) -> Colouring:
    """Return colours with those that a user chose, and what a legend says of these."""
    own = {key: node for key, node in view.nodes.items() if node.color}
    if not own:
        return found
    tones = {key: own_tone(node.color, theme) for key, node in own.items()}
    means = {node.means: tones[key] for key, node in own.items() if node.means}
    words = {**found.words, **{key: node.means for key, node in own.items() if node.means}}
    legend = (*found.legend, *means.items())
    return replace(found, tones={**found.tones, **tones}, legend=legend, words=words)


_ALIKE = 3
"""How many devices of one colour a legend names."""


def _by_device(net: ArchGraph, view: View, theme: Theme) -> Colouring:
    devices = sorted({n.device for n in view.nodes.values() if n.device is not None})
    if not devices:
        raise DrawError(
            f"cannot colour by device, because no box of '{view.name}' is on one device."
        )
    tones = {d: theme.devices[i % len(theme.devices)] for i, d in enumerate(devices)}
    plain = theme.tones["input"]
    # Of more devices than there are colours, several share one, and so its place in the legend.
    alike = {tone: [str(d) for d in devices if tones[d] == tone] for tone in tones.values()}
    legend = tuple(
        (say("GPU {names}", names=listed(names, _ALIKE)), tone) for tone, names in alike.items()
    )
    shared = [n for n in view.nodes.values() if n.device is None]
    if any(net.nodes[name]["device"] is not None for n in shared for name in n.members):
        legend = (*legend, (say("several GPUs"), plain))
    return Colouring(
        {
            key: plain if node.device is None else tones[node.device]
            for key, node in view.nodes.items()
        },
        legend,
    )


def _by_metric(net: ArchGraph, view: View, metric: Metric, theme: Theme, scale: str) -> Colouring:
    values: dict[str, float | None] = {}
    for key, node in view.nodes.items():
        values[key] = metric.combine(net.value(name, metric) for name in node.members)
    positive = [value for value in values.values() if value is not None and value > 0]
    high = max(positive, default=1.0)
    low = min(positive, default=1.0)
    log = high > low if scale == "log" else scale == "auto" and high > low * 10
    if not log:
        low = 0.0

    def tone(value: float | None) -> Tone:
        stroke = theme.line
        if value is None:
            return Tone(theme.unknown, stroke, readable(theme.unknown))
        if value <= 0:
            fill = ramp(theme.ramp, 0.0)
        elif log:
            part = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
            fill = ramp(theme.ramp, 0.1 + 0.9 * part)
        else:
            fill = ramp(theme.ramp, value / high)
        return Tone(fill, stroke, readable(fill))

    legend = ((say("unknown"), tone(None)),) if None in values.values() else ()
    tones = {key: tone(value) for key, value in values.items()}
    return Colouring(tones, legend, Scale(metric, low, high, log))
