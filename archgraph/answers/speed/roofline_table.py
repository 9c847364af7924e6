"""A roofline as a table: each operator's arithmetic, traffic, bound and least time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archgraph.answers.speed.roofline import NodeTime, Roofline
from archgraph.graph import ArchGraph
from archgraph.metrics import Ratio
from archgraph.tables.grouping import groups_of
from archgraph.tables.operator_text import operator_text
from archgraph.tables.table import AtLeast, Cell, Column, Table
from archgraph.units import count_text, listed_names, seconds_text, spaced_shape

__all__ = ["device_line", "roofline_table", "shown_roofline"]

_LARGEST = 5


def shown_roofline(found: Roofline, exact: bool) -> tuple[list[Table], None]:
    """Return how a roofline shows itself."""
    return [roofline_table(found.net, found, by=found.by, exact=exact)], None


def roofline_table(
    net: ArchGraph, found: Roofline, *, by: str = "layer", exact: bool = False
) -> Table:
    """Return a roofline with a row for each operator, block or stage; ``exact`` for programs.

    What moves and computes nothing, such as a view, has no row for people.
    """
    groups = groups_of(net, by, list(found.nodes)) if by != "layer" else None
    columns = [
        Column("name", "Layer" if groups is None else by.capitalize()),
        Column("op", "Operator") if groups is None else Column("nodes", "Layers", "number"),
        Column("flops", "FLOPs", "number"),
        Column("bytes", "Bytes moved", "number")
        if exact
        else Column("bytes", "Moved", "number", "KiB", 1024),
        Column("intensity", "Intensity", "number", "FLOP/B"),
        Column("bound", "Bound by"),
        Column("peak_share", "Of peak", "number" if exact else "percent"),
        Column("time_ms", "Time", "number", "ms")
        if exact
        else Column("time", "Time", "number", "µs"),
        *([] if exact else [Column("share", "Share", "percent")]),
    ]
    rows: list[tuple[Cell, ...]] = []
    if groups is None:
        for name, each in found.nodes.items():
            if exact or each.bound != "nothing":
                rows.append((name, operator_text(net.op(name)), *_cells(found, [each], exact)))
    else:
        for group in groups:
            nodes = [found.nodes[name] for name in group.nodes]
            rows.append((group.label, len(nodes), *_cells(found, nodes, exact)))
    nodes = [*found.nodes.values()]
    many = f"batch {found.batch:,}" if net.batched else "fixed batch"
    title = str(net.graph.get("title") or net.name)
    said = f"input {spaced_shape(net.input_shape)} · {many}"
    return Table(
        f"{title} · {said} · estimated on {found.where}",
        tuple(columns),
        tuple(rows),
        totals=None if exact else ("Total", "", *_cells(found, nodes, exact)),
        summary=() if exact else _summary(net, found),
        notes=() if exact else _notes(found),
        subtitle=device_line(found),
        caption=f"Time of {title} on {found.where}, estimated, {said.replace(' · ', ', ')}",
    )


def device_line(found: Roofline, *, source: bool = True) -> str:
    """Return a device's roof: its rates for the numbers that a network computes in."""
    device = found.device
    kinds = [found.kind] if found.kind else [each for each in found.types if each in device.flops]
    rates = [f"{count_text(device.flops[kind])}FLOP/s {kind}" for kind in kinds]
    ridges = [f"{device.flops[kind] / device.bandwidth:.3g}" for kind in kinds]
    ridge = f", ridge at {' and '.join(ridges)} FLOP/B" if ridges else ""
    told = f" ({device.source})" if source and not device.given else ""
    roof = " and ".join([*rates, f"{count_text(device.bandwidth)}B/s"])
    return f"{device.name}: {roof}{ridge}{told}"


def _cells(found: Roofline, nodes: Sequence[NodeTime], exact: bool) -> list[Cell]:
    """Return flops, bytes, intensity, bound, share of peak and time of some operators together."""
    flops = _sum([each.flops for each in nodes], exact)
    size = _sum([each.bytes for each in nodes], exact)
    time = _sum([None if s is None else 1e3 * s for s in (each.seconds for each in nodes)], exact)
    intensities, shares = [n.intensity for n in nodes], [n.share for n in nodes]
    return [
        flops,
        size,
        _ratio(intensities, 1.0, exact),
        _bound(nodes),
        _ratio(shares, 1.0 if exact else 100.0, exact),
        time if exact else _scaled(time, 1e3),
        *([] if exact else [_percent(time, found)]),
    ]


def _sum(values: Sequence[float | None], exact: bool) -> Cell:
    known = sum(each for each in values if each is not None)
    missing = values.count(None)
    if not missing:
        return known
    return None if exact or missing == len(values) else AtLeast(known, missing)


def _ratio(values: Sequence[Ratio | None], times: float, exact: bool) -> Cell:
    known = [each for each in values if each is not None]
    if len(known) < len(values) or not known:
        return None
    ratio = Ratio(sum(each.over for each in known), sum(each.under for each in known))
    if not ratio.under:
        return ""
    return float(ratio) * times if exact else float(f"{float(ratio) * times:.3g}")


def _scaled(cell: Cell, times: float) -> Cell:
    if isinstance(cell, AtLeast):
        return AtLeast(float(f"{cell.value * times:.4g}"), cell.unknown)
    return float(f"{cell * times:.4g}") if isinstance(cell, (int, float)) else cell


def _percent(cell: Cell, found: Roofline) -> Cell:
    whole = 1e3 * found.seconds
    return 100 * cell / whole if isinstance(cell, (int, float)) and whole else ""


def _bound(nodes: Sequence[NodeTime]) -> str:
    """Return what bounds most of the time of some operators."""
    if any(each.seconds is None for each in nodes):
        return "unknown"
    sides = {
        side: sum(each.seconds or 0.0 for each in nodes if each.bound == side)
        for side in ("compute", "memory")
    }
    return max(sides, key=lambda side: sides[side]) if any(sides.values()) else ""


def _summary(net: ArchGraph, found: Roofline) -> tuple[tuple[str, str], ...]:
    least = "≥ " if found.unknown else ""
    lines = [("Time", f"{least}{seconds_text(found.seconds)}{_rate(net, found)}")]
    for side in ("compute", "memory"):
        nodes = [each for each in found.nodes.values() if each.bound == side]
        if not nodes or not found.seconds:
            continue
        part = 100 * sum(each.seconds or 0.0 for each in nodes) / found.seconds
        many = f"{len(nodes):,} operator{'s' * (len(nodes) != 1)}"
        lines.append((f"Bound by {side}", f"{part:.1f} % of it, {many}"))
    named = [f"{name} ({seconds_text(size)})" for name, size in longest(found.nodes.values())]
    if named:
        lines.append(("Longest", ", ".join(named)))
    return tuple(lines)


def longest(nodes: Iterable[NodeTime], most: int = _LARGEST) -> list[tuple[str, float]]:
    """Return the names and seconds of the operators that take longest."""
    known = [(each.name, each.seconds) for each in nodes if each.seconds]
    return sorted(known, key=lambda each: -each[1])[:most]


def _rate(net: ArchGraph, found: Roofline) -> str:
    if not net.batched or not found.seconds:
        return ""
    return f" (at most {count_text(found.batch / found.seconds)} images a second)".replace(
        "  ", " "
    )


def _notes(found: Roofline) -> tuple[str, ...]:
    notes = [
        "Estimated: the longer of FLOPs at the peak rate and bytes at the bandwidth, each operator "
        "by itself; starting it, caches and fusion are not counted."
    ]
    if found.unknown:
        names = listed_names(found.unknown, _LARGEST)
        notes.append(f"Unknown is the time of {len(found.unknown):,}: {names}.")
        lacking = sorted({kind for kind in found.types if kind not in found.device.flops})
        if lacking and not found.kind:
            notes.append(f"{found.device.name} has no rate for {' and '.join(lacking)}.")
    return tuple(notes)
