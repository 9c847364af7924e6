"""Fields along one axis as bars, one below another, over the input."""

from __future__ import annotations

from ..drawing import Box, Curve, Group, Item, Paint, Point, Polygon, Text
from ..look.theme import Theme, ramp
from ..text.widths import shortened
from .field_rows import Fields
from .nested import BESIDE, LABEL, SECOND, nested_extent, shown_input, words_of

__all__ = ["LINE", "strips"]

LINE, BAR = 38.0, 16.0
"""From one bar to the next, and how high one is."""


def strips(fields: Fields, theme: Theme, corner: Point, scale: float, room: float) -> list[Item]:
    """Return bars from the smallest field down to the input, each with its words to its right.

    ``corner`` is the top left one; a place of the input is ``scale`` points wide, words have
    ``room``.
    """
    left, _, right, _ = nested_extent(fields)
    count = len(fields.rows)
    bars = [(spans[-1][0], spans[-1][1] + 1) for spans in fields.boxes()]
    edge = theme.tone("conv").stroke
    words = words_of(fields)
    named = [*words[:count][::-1], *words[count:]]
    whole, shown = fields.extents[0], shown_input(fields)
    end = corner[0] + (right - left) * scale
    items: list[Item] = []
    for number, (name, says) in enumerate(named):
        y = corner[1] + number * LINE
        parts: list[Item] = []
        if number < count:
            start, stop = ((x - left) * scale + corner[0] for x in bars[number])
            color = ramp(theme.ramp[:-1], 1 - (number + 0.5) / count)
            parts.append(Box(start, y, stop - start, BAR, Paint(color, edge, 0.8)))
            if number + 1 < count:
                a, b = ((x - left) * scale + corner[0] for x in bars[number + 1])
                corners = ((start, y + BAR), (stop, y + BAR), (b, y + LINE), (a, y + LINE))
                items.append(
                    Group(
                        f"{name} in the next",
                        ("sight",),
                        (Polygon(corners, Paint(edge, opacity=0.12)),),
                    )
                )
            lead = Paint(None, theme.soft, 0.5, (1.5, 2.5))
            parts.append(
                Curve((stop + 3, y + BAR / 2), (((end + BESIDE - 6, y + BAR / 2),),), lead)
            )
        elif number == len(named) - 1:
            first, last = shown[0], shown[2]
            cut = Paint(
                theme.tone("input").fill,
                theme.ink,
                1.6,
                () if last - first == whole else (5.0, 3.0),
            )
            x = corner[0] + (first - left) * scale
            parts.append(Box(x, y, (last - first) * scale, BAR, cut))
        x = end + BESIDE
        parts += [
            Text(
                x, y + BAR / 2, shortened(name, LABEL, room, True), LABEL, theme.ink, "start", True
            ),
            Text(
                x,
                y + BAR / 2 + SECOND * 1.3,
                shortened(says, SECOND, room),
                SECOND,
                theme.soft,
                "start",
            ),
        ]
        items.append(Group(f"strip {number} {name}", ("field",), tuple(parts), f"{name}: {says}"))
    return items
