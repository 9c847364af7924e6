"""The chart of memory: what lies in memory at each step of a run, and where most does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from archgraph.answers.footprint.memory_tables import Fits
from archgraph.answers.footprint.places import places_of
from archgraph.answers.footprint.report import inference_memory, training_memory
from archgraph.answers.footprint.timeline import Timeline, timeline
from archgraph.answers.footprint.training_timeline import training_timelines
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.known_devices import device_named
from archgraph.units import bytes_text, spaced_shape

from ..captions import title_of
from ..choices import ChartChoices
from ..drawing import Item
from ..dress.spoken import listed, say, spoken
from ..look.colour import Colouring
from ..look.legend import HEIGHT as LEGEND
from ..pages import Page
from ..sheet import HEADER, MARGIN, Sheet
from .memory_panel import LEFT, STRIP, Panel, Scale, drawn, said_band, scale_of
from .step_labels import depth_of, labels, segments

__all__ = ["memory_chart"]

LOWEST = 96.0
"""The least height of a panel, in points."""
GAP = 8.0
FLAT = 5
"""How many times lower than another a network may be on one scale."""
ABOVE = 4.0
"""Between the words at the top and the first panel."""

TONES = {
    "weights": "norm",
    "cast weights": "reshape",
    "gradients": "linear",
    "state": "elementwise",
    "activations": "conv",
}
"""The kind of box whose colours each band has."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A network's panels, one for each device that is shown, and how many there are."""

    net: ArchGraph
    panels: tuple[Panel, ...]
    devices: int
    said: str
    known: bool


def memory_chart(nets: Sequence[ArchGraph], sheet: Sheet, choices: ChartChoices) -> Page:
    """Return the chart: a panel for each device of each network.

    What lies there all the time (weights; in training their gradients and the optimizer's state)
    is the floor, activations stand on it; a floor that would take most of the room is cut, and a
    mark says so. Raises DrawError for more networks than there is room for.
    """
    (width, height), theme = sheet.extent, sheet.theme
    across = width - 2 * MARGIN - LEFT
    room = height - HEADER - ABOVE - MARGIN / 2 - LEGEND
    most = max(int(room / (LOWEST + STRIP)), 1)
    if len(nets) > most:
        raise DrawError(
            f"the chart has room for the memory of {most} networks, not of {len(nets)}; draw fewer."
        )
    runs = [_run(net, choices, most // len(nets), len(nets) > 1) for net in nets]
    panels = [panel for run in runs for panel in run.panels]
    found = [segments(run.net, run.panels[0].line.order, across) for run in runs]
    counts = [len(run.panels[0].line.order) for run in runs]
    below = [depth_of(f, count, across) for f, count in zip(found, counts, strict=True)]
    each = (room - sum(below) - GAP * (len(panels) - 1)) / len(panels)
    scales = _scales(runs, each - STRIP, _limit(choices))
    title = say(" and ").join(title_of(net) for net in nets)
    how = say("memory in training" if choices.optimizer else "memory at inference")
    sheet = replace(
        sheet,
        title=f"{title}: {how}",
        subtitle=" · ".join((*_told(runs, choices, scales), *_fits(runs, choices))),
        notes="\n".join(line for run in runs for panel in run.panels for line in _noted(panel)),
    )
    items: list[Item] = [sheet.header()]
    top = HEADER + ABOVE
    for run, parts, count, room_below in zip(runs, found, counts, below, strict=True):
        scale = scales[run.net]
        for panel in run.panels:
            items += drawn(panel, parts, scale, (MARGIN, top, width, each), theme)
            top += each + GAP
        items.append(labels(parts, count, MARGIN + LEFT, across, top - GAP, theme))
        top += room_below
    bands = dict(each for panel in panels for each in panel.floor)
    words = {
        band: f"{said_band(band)} {'≥ ' if panels[0].unsized else ''}{bytes_text(size)}"
        for band, size in bands.items()
    }
    legend = [
        (
            words[band] if len(panels) == 1 and band in words else said_band(band),
            theme.tone(_tone(band)),
        )
        for band in (*bands, "activations")
    ]
    items.append(sheet.legend(Colouring({}, tuple(legend))))
    return Page(sheet.drawing(items, " ".join(run.said for run in runs)))


def _scales(
    runs: Sequence[_Run], height: float, limit: tuple[str, int] | None
) -> dict[ArchGraph, Scale]:
    """Return the scale of each network: one for all, or where some would be flat one for each."""
    peaks = [max(panel.line.peak for panel in run.panels) for run in runs]
    if min(peaks) * FLAT >= max(peaks):
        one = scale_of([panel for run in runs for panel in run.panels], height, limit)
        return dict.fromkeys((run.net for run in runs), one)
    return {run.net: scale_of(run.panels, height, limit) for run in runs}


def _tone(band: str) -> str:
    return TONES["state" if band.startswith("state") else band]


def _limit(choices: ChartChoices) -> tuple[str, int] | None:
    if choices.fits is None:
        return None
    device = device_named(choices.fits)
    return (device.name, device.memory) if device.memory else None


def _run(net: ArchGraph, choices: ChartChoices, most: int, several: bool) -> _Run:
    batch, title = choices.batch, title_of(net)
    floors: dict[int | None, tuple[tuple[str, int], ...]]
    if choices.optimizer is not None:
        how = {"precision": choices.precision, "checkpoint": choices.checkpoint}
        training = training_memory(net, batch=batch, optimizer=choices.optimizer, **how)
        lines = training_timelines(net, [*training.weights], batch=batch, **how)
        floors = {
            device: (
                ("weights", size),
                ("gradients", size),
                (f"state of {training.optimizer}", training.state[device]),
                ("cast weights", training.copies[device]),
            )
            for device, size in training.weights.items()
        }
        unsized, known, best = training.unsized, training.known, None
    else:
        inference = inference_memory(net, batch=batch)
        lines = dict(inference.program)
        floors = {device: (("weights", size),) for device, size in inference.weights.items()}
        unsized, known, best = inference.unsized, inference.known, None
        if known and len(lines) == 1 and inference.best.peak < next(iter(lines.values())).peak:
            order = inference.best.order
            best = timeline(places_of(net, batch=batch), order), inference.best.proven
    if not any(line.order for line in lines.values()):
        raise DrawError(f"'{net.name}' has no operator that runs, so there is nothing to draw.")
    fullest = sorted(lines, key=lambda each: -lines[each].peak - _sum(floors[each]))[: max(most, 1)]
    panels = tuple(
        Panel(
            _panel_title(title if several else "", device),
            tuple((band, size) for band, size in floors[device] if size),
            lines[device],
            _names(net, lines[device]),
            best,
            {band: _tone(band) for band, _ in (*floors[device], ("activations", 0))},
            len(unsized[device]),
        )
        for device in lines
        if device in fullest
    )
    said = " ".join(f"{panel.title or title}: {panel.peak_words}." for panel in panels)
    return _Run(net, panels, len(lines), said, known)


def _panel_title(title: str, device: int | None) -> str:
    return " · ".join(
        filter(None, (title, "" if device is None else say("GPU {names}", names=device)))
    )


def _sum(floor: Sequence[tuple[str, int]]) -> int:
    return sum(size for _, size in floor)


def _names(net: ArchGraph, line: Timeline) -> dict[str, str]:
    """Return what people call the node of the peak and those whose outputs lie there."""
    labels = [data.get("label") for data in net.nodes.values()]
    alone = {label for label, count in Counter(labels).items() if label and count == 1}
    found = {}
    for name in (line.at, *(name for (name, _), _ in line.held)):
        label = net.nodes[name].get("label")
        found[name] = str(label) if label in alone else name
    return found


def _told(
    runs: Sequence[_Run], choices: ChartChoices, scales: Mapping[ArchGraph, Scale]
) -> list[str]:
    """Return what the line below the title says."""
    net = runs[0].net
    words = []
    if len(runs) == 1 and len(net.sources) == 1:
        words.append(say("input {shape}", shape=spoken(spaced_shape(net.input_shape))))
    batched = any(run.net.batched for run in runs)
    count = f"{choices.batch:,}"
    words.append(say("batch {count}", count=count) if batched else say("fixed batch"))
    if choices.optimizer is not None:
        if choices.precision is not None:
            words.append(say("{kind} precision", kind=choices.precision))
        if choices.checkpoint is not None:
            words.append(say(f"each {choices.checkpoint} computed again"))
    else:
        words.append(say("each step is one operator, in the order of the program"))
    if len({id(scale) for scale in scales.values()}) > 1:
        words.append(say("each network to a scale of its own"))
    words += [
        say("the {some} fullest of {all} devices", some=len(run.panels), all=run.devices)
        for run in runs
        if run.devices > len(run.panels)
    ]
    unknown = max(panel.line.unknown for run in runs for panel in run.panels)
    if unknown:
        words.append(say("{count} unknown sizes count as nothing", count=f"{unknown:,}"))
    if choices.optimizer is not None:
        words.append(say("gradients of activations are not counted"))
    return words


def _fits(runs: Sequence[_Run], choices: ChartChoices) -> list[str]:
    """Return which batch is the largest that fits, of one network."""
    if choices.fits is None or len(runs) > 1:
        return []
    device = device_named(choices.fits)
    run = runs[0]
    found = Fits.of(
        run.net,
        device,
        run.devices,
        run.known,
        optimizer=choices.optimizer,
        precision=choices.precision,
        checkpoint=choices.checkpoint,
    )
    return [spoken(found.words)]


def _noted(panel: Panel) -> list[str]:
    """Return what a presenter reads of a panel."""
    line = panel.line
    held = sorted(line.held, key=lambda each: -each[1])
    names = [f"{name} ({bytes_text(size)})" for (name, _), size in held]
    floor = ", ".join(f"{said_band(band)} {bytes_text(size)}" for band, size in panel.floor)
    where = f"{panel.title}: " if panel.title else ""
    return [
        f"{where}{panel.peak_words}"
        + (say("; all the time: {names}", names=floor) if floor else ""),
        say("At the peak lie {names}", names=listed(names, 12)),
    ]
