"""How a metric grows as a table: the terms of its formula, and what each is at a size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from archgraph.answers.scaling.cache_per_token import CachePerToken, cache_per_token
from archgraph.answers.scaling.formula import Formula
from archgraph.answers.scaling.growing import Growth
from archgraph.metrics import Number
from archgraph.tables.table import Cell, Column, Table
from archgraph.units import exact_text, figure, listed_names

__all__ = ["growth_json", "growth_table", "shown_growth"]

_ROWS = 8
"""How many counted sizes stand in a table without a formula."""

_FAR = 10**12
"""Beyond this size nobody asks which term is the largest."""


def growth_table(found: Growth) -> Table:
    """Return the formula, its terms at the present size, and how it grows from there."""
    per = "" if found.over == "batch" or not found.metric.per_image else " · one image"
    name = found.net.graph.get("title") or found.net.name
    named = name if name == found.net.name else f"{name} ({found.net.name})"
    title = f"{named} · {found.metric.title} over {found.title}{per}"
    if found.formula is None:
        return _counted(found, title)
    start = found.formula.at(found.start)
    columns = (
        Column("term", "Term"),
        Column("factor", "Factor", "number"),
        Column("value", f"{found.metric.title} at {found.symbol} = {found.start:,}", "number"),
        Column("share", "Share", "percent"),
    )
    rows: list[tuple[Cell, ...]] = []
    for size, words, value in found.formula.terms_at(found.start):
        share: Cell = float(100 * value / start) if start else ""
        rows.append((words or "1", _cell(size), _cell(value), share))
    total: tuple[Cell, ...] = ("Total", "", _cell(Fraction(start)), 100.0 if start else "")
    return Table(
        title,
        columns,
        tuple(rows),
        total,
        summary=_ahead(found),
        notes=_notes(found),
        subtitle=str(found),
        caption=_caption(found),
    )


def _caption(found: Growth) -> str:
    name = found.net.graph.get("title") or found.net.name
    one = "" if found.over == "batch" or not found.metric.per_image else ", for one image"
    return f"{found.metric.title} of {name} over {found.title}{one}"


def _cell(value: Fraction) -> Cell:
    if value.denominator == 1:
        return int(value)
    return f"{value.numerator:,}/{value.denominator:,}"


def _counted(found: Growth, title: str) -> Table:
    columns = (
        Column("size", found.title.capitalize(), "number"),
        Column(found.metric.name, found.metric.title, "number", found.metric.unit),
    )
    step = max(1, len(found.counted) // _ROWS)
    rows = tuple((size, value) for size, value in found.counted[::step])
    notes, caption = _notes(found), _caption(found)
    return Table(title, columns, rows, notes=notes, subtitle=str(found), caption=caption)


def _ahead(found: Growth) -> tuple[tuple[str, str], ...]:
    """Return the metric at some sizes, and how many times the present one that is."""
    formula = found.formula
    assert formula is not None
    now, step = found.at(found.start), formula.step
    counted = [size for size, _ in found.counted]
    low, high = counted[0], max(*counted, *found.checked)
    sizes = []
    for numerator, denominator in ((1, 2), (2, 1), (4, 1), (8, 1)):
        wanted = found.start * numerator // denominator
        near = wanted - (wanted - formula.rest) % step
        if low <= near <= high and near != found.start:
            sizes.append(near)
    lines = []
    for size in dict.fromkeys(sizes):
        value = found.at(size)
        times = f", {value / now:.3g} times as much" if now and value > 0 else ""
        whole = exact_text(value) if isinstance(value, int) else f"{value:,.2f}"
        lines.append(
            (f"{found.symbol} = {size:,}", f"{whole} ({figure(value, found.metric)}{times})")
        )
    return tuple(lines)


def _notes(found: Growth) -> tuple[str, ...]:
    notes = []
    formula = found.formula
    if formula is not None:
        if found.reason:
            notes.append(f"no formula for all sizes: {found.reason}")
        period = formula.on_period(found.start)
        if period is not None:
            notes.append(f"for {period.sizes} it is {period}")
        overtakes = _overtakes(formula)
        if overtakes:
            notes.append(overtakes)
        low, high = found.checked[0], found.checked[-1]
        notes.append(
            f"found from {len(found.counted)} sizes, and equal to the count at "
            f"{len(found.checked)} others, {found.symbol} = {low:,} to {high:,}"
        )
    if not found.made:
        notes.append(
            "nothing says how the network is made, so its operators stay as they are at every size"
        )
    if found.resized and found.metric.name != "params":
        notes.append("the network has other parameters at other sizes")
    if found.refused:
        notes.append(f"sizes between are refused: {found.refused}")
    if len({each.rpartition(":")[0] for each in found.together}) > 1:
        notes.append(f"these grow together: {', '.join(found.together)}")
    if found.unknown:
        notes.append(
            f"the {found.metric.title} of {listed_names(found.unknown, 3)} are unknown and count "
            "as nothing: these are least values"
        )
    cache = _cache(found)
    if cache is not None:
        notes.append(str(cache))
    return tuple(notes)


def _cache(found: Growth) -> CachePerToken | None:
    return cache_per_token(found.net) if found.over == "tokens" else None


def _overtakes(formula: Formula) -> str:
    """Return from which size on the highest power is more than all the others together."""
    degree = len(formula.powers) - 1
    if formula.steps or degree < 2 or any(size < 0 for size in formula.powers[1:]):
        return ""

    def more(x: int) -> bool:
        most: Fraction = 2 * formula.powers[degree] * x**degree
        return most > formula.at(x)

    low, high = 0, 1
    while not more(high):
        low, high = high, 2 * high
        if high > _FAR:
            return ""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if more(middle) else (middle, high)
    if high <= 1:
        return ""
    return (
        f"from {formula.symbol} = {high:,} on the term in {formula.terms[0][1]} is more than all "
        "the rest"
    )


def shown_growth(found: Growth, exact: bool) -> tuple[list[Table], dict[str, Any]]:
    """Return how a growth shows itself: its terms have no other form for programs."""
    del exact
    return [growth_table(found)], _record(found)


def growth_json(found: Sequence[Growth]) -> str:
    """Return formulas as data: numbers are exact, fractions are written as text."""
    whole = [_record(each) for each in found]
    content: Any = whole[0] if len(whole) == 1 else whole
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _record(found: Growth) -> dict[str, Any]:
    formula = found.formula
    cache = _cache(found)
    made: dict[str, Any] = {
        "name": found.net.name,
        "metric": found.metric.name,
        "over": found.over,
        "symbol": found.symbol,
        "start": found.start,
        "together": list(found.together),
        "equation": str(found),
        "formula": None,
        "reason": found.reason or None,
        "counted": [list(each) for each in found.counted],
        "checked": list(found.checked),
        "unknown": list(found.unknown),
    }
    if formula is not None:
        made["formula"] = {
            "step": formula.step,
            "rest": formula.rest,
            "powers": [_plain(size) for size in formula.powers],
            "products": [
                {"factor": _plain(size), "of": [each._asdict() for each in factors]}
                for size, factors in formula.steps
            ],
        }
    if cache is not None:
        made["cache_per_token"] = {
            "bytes": cache.bytes,
            "layers": cache.layers,
            "masked": cache.masked,
        }
    return made


def _plain(value: Fraction) -> Number | str:
    return int(value) if value.denominator == 1 else str(value)
