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
    "seconds_text",
    "spaced_shape",
]

UNKNOWN = "unknown"
"""What stands for a figure that cannot be known; it is never shown as zero."""

_PARTS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))
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
    ``23.3 k`` parameters, ``1.25 ms``, ``3.12 µs``.
    """
    if value is None or metric.unit == "B":
        return bytes_text(value)
    if metric.unit == "ms" and not 0.0995 <= abs(value) < 999.5:
        return seconds_text(value / 1000)
    text = count_text(value) if abs(value) >= 1000 else _digits(value)
    return f"{text} {metric.unit}".rstrip()


def seconds_text(value: Number | None) -> str:
    """Return a time with three significant digits in the unit that suits it: ``1.25 ms``."""
    if value is None or not isfinite(value):
        return UNKNOWN if value is None else str(value)
    if not value:
        return "0 s"
    unit, size = next((each for each in _PARTS if abs(value) >= 0.9995 * each[1]), _PARTS[-1])
    text = _digits(float(value / size))
    return f"{text} {unit}" if abs(value) < 999.5 else f"{value:,.0f} s"


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
