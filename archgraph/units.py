"""Figures as people read them: 23.3 k, 72.9 M MACs, 784 KiB, 64 × 56 × 56."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from archgraph.metrics import Metric, Number
from archgraph.tensors import Extent, shape_text

__all__ = [
    "UNKNOWN",
    "bytes_text",
    "count_text",
    "exact_bytes",
    "exact_text",
    "figure",
    "listed_names",
    "spaced_shape",
]

UNKNOWN = "unknown"
"""What stands for a figure that cannot be known; it is never shown as zero."""

_DECIMAL = ("", "k", "M", "G", "T", "P", "E")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def count_text(value: Number | None) -> str:
    """Return a count with three significant digits and a decimal prefix: ``23.3 k``."""
    return UNKNOWN if value is None else _scaled(value, 1000, _DECIMAL)


def bytes_text(value: Number | None) -> str:
    """Return a size in bytes with three significant digits and a binary prefix: ``784 KiB``."""
    return UNKNOWN if value is None else _scaled(value, 1024, _BINARY)


def exact_text(value: Number | None) -> str:
    """Return a number in full, with commas between the thousands: ``72,855,552``."""
    if value is None:
        return UNKNOWN
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def exact_bytes(value: int | None) -> str:
    """Return a size in bytes in full: ``774,400 bytes``."""
    return "unknown size" if value is None else f"{value:,} bytes"


def figure(value: Number | None, metric: Metric) -> str:
    """Return a metric's value with its unit, as a picture or a summary shows it.

    Bytes get binary prefixes, everything else decimal ones: ``784 KiB``, ``72.9 M MACs``,
    ``23.3 k`` parameters, ``1.25 ms``.
    """
    if value is None or metric.unit == "B":
        return bytes_text(value)
    text = count_text(value) if abs(value) >= 1000 else _digits(value)
    return f"{text} {metric.unit}".rstrip()


def listed_names(names: Sequence[str], most: int) -> str:
    """Return names in a row, the first of them where there are many: ``a, b and 7 more``."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"


def spaced_shape(shape: Sequence[Extent] | None) -> str:
    """Return a shape with room around its crosses: ``64 × 56 × 56``; a scalar's is ``scalar``."""
    return shape_text(shape).replace("×", " × ")


def _scaled(value: Number, base: int, prefixes: tuple[str, ...]) -> str:
    if not isfinite(value):
        return str(value)
    scaled, step = abs(value), 0
    # 999,999 is 1.00 M, not 1000 k: what counts is the number as it will be printed.
    while step < len(prefixes) - 1 and float(_digits(scaled)) >= base:
        scaled, step = scaled / base, step + 1
    sign = "-" if value < 0 else ""
    return f"{sign}{_digits(scaled)} {prefixes[step]}".rstrip()


def _digits(value: Number) -> str:
    """Return a number with three significant digits; more only before the point."""
    if isinstance(value, int):
        return str(value)
    size = abs(value)
    if size < 0.995:
        return f"{value:.3g}"
    return f"{value:.{2 if size < 9.995 else 1 if size < 99.95 else 0}f}"
