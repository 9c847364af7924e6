"""Units that a user chooses for a table's columns: counts in M, bytes in MiB."""

from __future__ import annotations

from dataclasses import replace

from archgraph.errors import FormatError
from archgraph.metrics import Metric
from archgraph.tables.table import Column

__all__ = ["UNITS", "metric_column", "units_named"]

_COUNTS = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BYTES = {
    "B": 1,
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGT", 1)},
    **{f"{prefix}B": each for prefix, each in _COUNTS.items()},
}
UNITS = (*_COUNTS, *_BYTES)
"""What ``unit`` takes; of the bytes MB is 10⁶ of them, MiB 2²⁰."""

_COUNTED = ("params", "macs", "flops", "lecture")
"""The metrics that count things; others, such as pixels, stay as they are."""

Units = tuple[str, str]
"""The unit of counts and that of bytes; an empty text is the usual one."""


def units_named(text: str | None) -> Units:
    """Return the units that ``M``, ``MiB`` or ``M,GB`` names.

    A unit of counts brings that of bytes where none is named: with M bytes are in MiB. Raises
    FormatError for another.
    """
    words = [] if text is None else [word.strip() for word in text.split(",")]
    for word in words:
        if word not in UNITS:
            raise FormatError(f"there is no unit '{word}'; there are {', '.join(UNITS)}.")
    count = next((word for word in words if word in _COUNTS), "")
    implied = f"{count.upper()}iB" if count else ""
    return count, next((word for word in words if word in _BYTES), implied)


def metric_column(metric: Metric, title: str, units: Units, usual: str = "KiB") -> Column:
    """Return a column for a metric in the units; bytes in the ``usual`` one where none is said."""
    count, size = units
    if metric.unit == "B":
        unit = size or usual
        return Column(metric.name, title, "number", unit, _BYTES[unit])
    said = "" if metric.unit.lower() in title.lower() else metric.unit
    column = Column(metric.name, title, "number", said)
    if not count or metric.name not in _COUNTED:
        return column
    return replace(column, unit=f"{count} {said}".rstrip(), per=_COUNTS[count])
