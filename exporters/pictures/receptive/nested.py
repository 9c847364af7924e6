"""Fields one around another over the input, at true ratio, with their names beside them."""

from __future__ import annotations

from collections.abc import Sequence

from ..drawing import Box, Curve, Group, Item, Paint, Point, Text
from ..dress.spoken import say
from ..look.theme import Theme, ramp
from ..text.widths import shortened, text_width
from .field_rows import Fields

__all__ = [
    "BESIDE",
    "LABEL",
    "SECOND",
    "names_text",
    "nested",
    "nested_extent",
    "shown_input",
    "words_of",
    "words_width",
]

LABEL, SECOND = 11.0, 9.0
BESIDE = 34.0
"""From a picture to the words beside it."""

AROUND = 4
"""Of an input that is so much larger than the largest field only a part is shown."""

LINE = 30.0
"""From one label to the next."""

Rectangle = tuple[float, float, float, float]


def nested_extent(fields: Fields) -> Rectangle:
    """Return left, top, right and bottom of the input and of all fields on it, in pixels."""
    boxes = [shown_input(fields), *_boxes(fields)]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def words_width(fields: Fields) -> float:
    """Return how wide the words beside the fields are."""
    return max(
        (max(text_width(a, LABEL, bold=True), text_width(b, SECOND)) for a, b in words_of(fields)),
        default=0.0,
    )


def nested(
    fields: Fields, theme: Theme, corner: Point, scale: float, height: float, room: float
) -> list[Item]:
    """Return the squares with their top left corner at ``corner``, and labels to their right.

    A pixel is ``scale`` points; labels have ``height`` and ``room``.
    """
    left, top, right, bottom = nested_extent(fields)

    def at(box: Rectangle) -> Rectangle:
        return (
            corner[0] + (box[0] - left) * scale,
            corner[1] + (box[1] - top) * scale,
            (box[2] - box[0]) * scale,
            (box[3] - box[1]) * scale,
        )

    plane = at(shown_input(fields))
    paper = Paint(theme.tone("input").fill, None)
    items: list[Item] = [Group("input plane", ("plane",), (Box(*plane, paper),), "the input")]
    count, boxes = len(fields.rows), _boxes(fields)
    edge = theme.tone("conv").stroke
    # What is largest lies lowest; the darkest tone, in which nothing is written, is the smallest.
    for number, row in reversed(list(enumerate(fields.rows))):
        color = ramp(theme.ramp[:-1], 1 - (number + 0.5) / count)
        shape = Box(*at(boxes[number]), Paint(color, edge, 0.8))
        items.append(
            Group(
                row.node,
                ("field",),
                (shape,),
                f"{row.names}: {say('a unit sees {size}', size=row.text)}",
            )
        )
    outline = Paint(None, theme.ink, 1.6, () if shown_input(fields) == _all(fields) else (5.0, 3.0))
    items.append(Group("input outline", ("outline",), (Box(*plane, outline),), "the input"))
    words = words_of(fields)
    line = min(LINE, height / max(len(words), 1))
    x = corner[0] + (right - left) * scale + BESIDE
    first = corner[1] + ((bottom - top) * scale - line * len(words)) / 2 + LABEL
    for index, (name, says) in enumerate(words):
        y = first + index * line
        parts: list[Item] = [
            Text(x, y, shortened(name, LABEL, room, True), LABEL, theme.ink, "start", True),
            Text(x, y + SECOND * 1.3, shortened(says, SECOND, room), SECOND, theme.soft, "start"),
        ]
        if index == len(words) - 1:
            parts.append(Box(x - 20, y - 9, 12, 12, outline))
        elif index < count:
            box = at(boxes[count - 1 - index])
            start = (box[0] + box[2], box[1])
            knee = corner[0] + (right - left) * scale + 12
            lead = Paint(None, theme.soft, 0.7)
            parts.insert(0, Curve(start, (((knee, start[1]),), ((x - 4, y - 1),)), lead))
            parts.insert(1, Box(start[0] - 1.5, start[1] - 1.5, 3, 3, Paint(theme.soft), 1.5))
        items.append(Group(f"label {name}", ("note",), tuple(parts), f"{name}: {says}"))
    return items


def words_of(fields: Fields) -> list[tuple[str, str]]:
    """Return name and figures of every row, the largest first, then what has none."""
    found = [(row.names, say("sees {size}", size=row.text)) for row in reversed(fields.rows)]
    if fields.whole:
        found.append((names_text(fields.whole), say("sees the whole input")))
    if fields.unknown:
        found.append((names_text(fields.unknown), say("unknown what it sees")))
    part = "" if shown_input(fields) == _all(fields) else say(", a part is shown")
    size = say("{size} px", size=" × ".join(map(str, fields.extents)))
    return [*found, (say("input"), f"{size}{part}")]


def names_text(names: Sequence[str]) -> str:
    """Return one name, or the first and the last of several."""
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"


def _all(fields: Fields) -> Rectangle:
    *_, high, wide = (_thin(fields), *fields.extents)
    return 0.0, 0.0, float(wide), float(high)


def shown_input(fields: Fields) -> Rectangle:
    """Return what is shown of the input: all, or what is around fields that are small on it."""
    left, top, right, bottom = _all(fields)
    x, y, to_x, to_y = _boxes(fields)[-1]
    if AROUND * (to_x - x) > right or (len(fields.extents) > 1 and AROUND * (to_y - y) > bottom):
        return left, top, right, bottom
    more = (to_x - x) * (AROUND - 1) / 4
    left, right = max(left, x - more), min(right, to_x + more)
    if len(fields.extents) > 1:
        more = (to_y - y) * (AROUND - 1) / 4
        top, bottom = max(top, y - more), min(bottom, to_y + more)
    return left, top, right, bottom


def _thin(fields: Fields) -> int:
    """Return how high a strip is that stands for one axis."""
    return max(fields.extents[0] // 12, 1)


def _boxes(fields: Fields) -> list[Rectangle]:
    found = []
    for spans in fields.boxes():
        left, right = spans[-1][0], spans[-1][1] + 1
        top, bottom = (spans[-2][0], spans[-2][1] + 1) if len(spans) > 1 else (0, _thin(fields))
        found.append((float(left), float(top), float(right), float(bottom)))
    return found
