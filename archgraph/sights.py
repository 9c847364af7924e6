"""What units see of the input: windows that repeat along an axis, and what becomes of them.

A row of units is periodic: each of the first P sees its span of pixels, and the next P see the same
a whole number of pixels further on. P is 1 but behind a transposed convolution or a resize, where
neighbours see the same pixels by turns. Such rows are exact under every window that slides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

from archgraph.limits import PHASES
from archgraph.ops.base import Reach

__all__ = ["NOTHING", "ReceptiveField", "Span", "joined", "through"]

Span = tuple[int, int]
"""The first and the last pixel that a unit sees."""


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """How a unit sees the input along one axis: it reads ``size`` pixels and steps by ``stride``.

    ``size`` is None where a unit sees everything, such as behind a global pooling, and 0 where it
    sees nothing of the input, such as a class token. Where neighbours see spans of different size
    it is the largest. ``stride`` is a fraction where units stand closer than pixels, and None
    where units are not in the order of the pixels, such as behind a flatten.

    ``spans`` are the pixels that the first units see, first and last, as if the input went on
    beyond its border: a first of −3 lies in the padding. After ``len(spans)`` units the same
    repeats ``stride · len(spans)`` pixels further on. A unit that sees nothing has None.
    ``aligned`` is whether paths that join have the same centre.
    """

    size: int | None
    stride: int | Fraction | None = 1
    spans: tuple[Span | None, ...] = ()
    aligned: bool = True

    @property
    def start(self) -> int | None:
        """The first pixel that the first unit sees, negative in the padding; None if unknown."""
        return next((span[0] for span in self.spans if span), None)

    @property
    def centre(self) -> int | float | None:
        """The middle of what the first unit sees: 0 is the first pixel's; None if unknown."""
        for span in self.spans:
            if span:
                whole, rest = divmod(span[0] + span[1], 2)
                return whole + 0.5 if rest else whole
        return None

    @property
    def shift(self) -> int:
        """How many pixels further on the spans repeat."""
        return int((self.stride or 0) * len(self.spans))

    def span(self, unit: int) -> Span | None:
        """Return the first and the last pixel that a unit sees; None for nothing or unknown."""
        if not self.spans:
            return None
        round_, phase = divmod(unit, len(self.spans))
        span = self.spans[phase]
        far = round_ * self.shift
        return span and (span[0] + far, span[1] + far)


NOTHING = ReceptiveField(0, None)
"""What is stored or made up sees nothing of the input."""


def through(field: ReceptiveField, reach: Reach | None) -> ReceptiveField | None:
    """Return what units see whose windows reach so over a row of units; None where unknown.

    Its size, stride and start are those of Araujo, Norris and Sim, "Computing receptive fields of
    convolutional neural networks" (Distill 2019): r' = r + (k − 1) · D · j, j' = j · s and
    start' = start − p · j, where r, j and start are those of the row that is read.
    """
    if reach is None:
        return None
    if field.size == 0 or (field.size is None and not field.spans):
        return field
    if reach.size is None:
        return ReceptiveField(None, None)
    if reach == (1, 1, 1, 0, 1):
        return field
    if not reach.stride:
        return ReceptiveField(field.size, None) if reach.size == 1 else None
    if not field.spans:
        return None
    return _slid(field, reach)


def _slid(field: ReceptiveField, reach: Reach) -> ReceptiveField | None:
    """Return the row of windows that slide over a periodic row, in its places and what is between.

    ``parts`` places stand for one unit, which is at the first of them.
    """
    row = len(field.spans) * reach.parts
    period = row // gcd(row, reach.stride)
    if period > PHASES:
        return None
    spans = [_window(field, reach, unit) for unit in range(period)]
    shift = field.shift * period * reach.stride // row
    return _row(spans, Fraction(shift, period), field.aligned)


def _window(field: ReceptiveField, reach: Reach, unit: int) -> Span | None:
    """Return what the window of one unit sees: from the least to the greatest pixel."""
    assert reach.size is not None
    first = unit * reach.stride + reach.start
    last = first + reach.size - 1
    step = lcm(reach.gap, reach.parts)
    # Of the window's places every ``gap``-th is read, and of all places units are at multiples.
    at = next((p for p in range(first, min(last, first + step - 1) + 1, reach.gap)
               if p % reach.parts == 0), None)  # fmt: skip
    if at is None:
        return None
    units = range(at // reach.parts, last // reach.parts + 1, step // reach.parts)
    # In a periodic row whose spans move on, the least is among the first of each phase.
    phases = len(field.spans)
    some = {*units[:phases], *units[-phases:]}
    seen = [span for span in map(field.span, some) if span]
    return (min(s[0] for s in seen), max(s[1] for s in seen)) if seen else None


def _row(spans: Sequence[Span | None], stride: Fraction, aligned: bool) -> ReceptiveField | None:
    """Return a row of spans with the shortest period there is."""
    count = len(spans)
    for period in (each for each in range(1, count) if count % each == 0):
        far = stride * period
        if far.denominator == 1 and all(
            spans[n + period] == _moved(spans[n], int(far)) for n in range(count - period)
        ):
            spans = spans[:period]
            break
    if not any(spans):
        return NOTHING
    size = max(span[1] - span[0] + 1 for span in spans if span)
    whole = stride.numerator if stride.denominator == 1 else stride
    return ReceptiveField(size, whole, tuple(spans), aligned)


def _moved(span: Span | None, far: int) -> Span | None:
    return span and (span[0] + far, span[1] + far)


def joined(fields: Sequence[ReceptiveField | None]) -> ReceptiveField | None:
    """Return what units see that see what units of several rows see; None where unknown.

    Where rows begin at different places the union counts: the smallest first, the greatest last.
    """
    rows = [field for field in fields if field is None or field.size != 0]
    if not rows:
        return NOTHING
    known = [field for field in rows if field is not None]
    if any(field.size is None for field in known):
        return ReceptiveField(None, None)
    if len(known) < len(rows):
        return None
    first = known[0]
    if all(field == first for field in known):
        return first
    if any(not field.spans for field in known):
        return None
    if len({field.stride for field in known}) > 1:
        return None
    return _union(known, Fraction(first.stride or 0))


def _union(rows: Sequence[ReceptiveField], stride: Fraction) -> ReceptiveField | None:
    count = lcm(*(len(row.spans) for row in rows))
    if count > PHASES:
        return None
    aligned, spans = all(row.aligned for row in rows), []
    for unit in range(count):
        seen = [span for span in (row.span(unit) for row in rows) if span]
        aligned = aligned and len({sum(span) for span in seen}) <= 1
        spans.append((min(s[0] for s in seen), max(s[1] for s in seen)) if seen else None)
    return _row(spans, stride, aligned)
