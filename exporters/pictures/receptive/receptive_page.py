"""The page of receptive fields: one network or several side by side, at one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archgraph.analysis import receptive_field
from archgraph.errors import DrawError
from archgraph.graph import ArchGraph
from archgraph.ops.conv import Conv2d
from archgraph.options import written

from ..captions import subtitle_of, title_of, totals_of
from ..choices import Choices
from ..drawing import Group, Item, Text
from ..dress.spoken import say, spoken
from ..layout.scene import Upright
from ..look.colour import Colouring
from ..pages import Page
from ..sheet import HEADER, MARGIN, Sheet
from ..spoken_notes import compared_notes, notes_of
from ..text.widths import shortened
from .chain_planes import Plane, planes_of
from .field_rows import Fields, fields_of, size_text
from .nested import BESIDE, names_text, nested, nested_extent, words_of, words_width
from .pyramid import GAP, pyramid, pyramid_size, room_for_words
from .strips import LINE, strips

__all__ = ["receptive_page"]

MOST = 4
"""Networks that stand side by side."""

HEADING, SECOND = 13.0, 10.0
BETWEEN = 30.0
LEAST = 0.8
"""The part of their words' width that several networks on paper need."""
WIDEST = 640.0
"""How wide inputs are together on a sheet that is as large as its picture."""

PITCH, CELL, PLANE = 150.0, 30.0, 0.6
"""How far planes are apart and how large a pixel is, at most; a plane's part of the pitch."""


def receptive_page(nets: Sequence[ArchGraph], choices: Choices) -> list[Page]:
    """Return the one page that shows what units of networks see of their inputs.

    A chain of a few windows is drawn unit by unit, any other as squares over the input. Raises
    DrawError where nothing can be shown.
    """
    if len(nets) > MOST:
        raise DrawError(
            f"{len(nets)} networks have no room side by side as receptive fields; "
            f"at most {MOST} have."
        )
    shown = [fields_of(net, choices.level) for net in nets]
    for fields in shown:
        if not fields.extents:
            raise DrawError(
                f"'{fields.net.name}' has no input of known size, of which units see a part; "
                f"say its size with {written('input', '3x224x224')}."
            )
        if not fields.rows:
            raise DrawError(
                f"'{fields.net.name}' has no layer whose receptive field on the input is known and "
                f"not all of it; use {written('style', 'layout')}."
            )
    several = len(nets) > 1
    title = say(" and ").join(title_of(net) for net in nets)
    what = say("what one unit sees of the input, layer by layer")
    subtitle = what if several else f"{what} · {subtitle_of(nets[0])}"
    off = [name for fields in shown for name in fields.off_centre]
    if off:
        subtitle += f" · {say('paths that join off centre from {name} on', name=off[0])}"
    notes = compared_notes(nets) if several else notes_of(nets[0])
    sheet = Sheet.of(choices, title, subtitle, notes)
    planes = [planes_of(fields) for fields in shown]
    subtitle += "".join(map(_besides, shown)) if None not in planes else ""
    sheet = replace(sheet, subtitle=subtitle)
    small = [each for each in planes if each is not None]
    top = 5 * SECOND + HEADING if several else 8.0
    if len(small) == len(shown):
        sheet, items = _pyramids(shown, small, sheet, top)
    else:
        sheet, items = _squares(shown, sheet, top)
    described = "; ".join(
        f"{fields.net.name}: "
        + ", ".join(f"{row.name} {say('sees {size}', size=row.text)}" for row in fields.rows)
        for fields in shown
    )
    legend = sheet.legend(Colouring({}, ()))
    return [Page(sheet.drawing([sheet.header(), *items, legend], described))]


def _besides(fields: Fields) -> str:
    """Return what is said of layers that see all of the input, or nobody knows what."""
    found = [(fields.whole, say("the whole input")), (fields.unknown, say("unknown"))]
    return "".join(f" · {names_text(names)}: {says}" for names, says in found if names)


def _columns(sheet: Sheet, widths: Sequence[float]) -> list[float]:
    """Return where columns of these widths begin, in the middle of the sheet."""
    room = sheet.extent[0] - 2 * MARGIN
    gap = max((room - sum(widths)) / (len(widths) + 1), 0.0)
    found, x = [], MARGIN
    for width in widths:
        x += gap
        found.append(x)
        x += width
    return found


def _pyramids(
    shown: Sequence[Fields], planes: Sequence[list[Plane]], sheet: Sheet, top: float
) -> tuple[Sheet, list[Item]]:
    words = [_plane_words(fields, each) for fields, each in zip(shown, planes, strict=True)]
    rooms, sizes = [room_for_words(each) for each in words], [pyramid_size(each) for each in planes]
    steps = max(map(len, planes)) - 1
    wide, high = sheet.space or (float("inf"), float("inf"))
    _refuse_cut(shown, sheet, rooms, wide / len(shown) * 0.5)
    rooms = [min(room, wide / len(shown) * 0.5) for room in rooms]
    spare = wide - sum(rooms) - (GAP + BETWEEN) * len(shown)
    cell = min(CELL, spare / sum(size[0] for size in sizes))
    deepest = max(size[1] for size in sizes)
    pitch = min(PITCH, (high - top) / (steps + PLANE)) if steps else 0.0
    cell = min(cell, (pitch * PLANE if steps else high - top) / deepest)
    pitch = max(min(pitch, deepest * cell / PLANE * 1.15), 3 * SECOND)
    tall = steps * pitch + deepest * cell
    widths = [s[0] * cell + GAP + room for s, room in zip(sizes, rooms, strict=True)]
    sheet = sheet.holding(sum(widths) + BETWEEN * len(widths), tall + top)
    y = HEADER + 4 + ((sheet.space or (0.0, 0.0))[1] - tall - top) / 2
    items: list[Item] = []
    for n, x in enumerate(_columns(sheet, widths)):
        # What has fewer layers stands on the same ground.
        above = (steps - len(planes[n]) + 1) * pitch + (deepest - sizes[n][1]) * cell
        corner = (x, y + top + above)
        items += pyramid(planes[n], words[n], sheet.theme, corner, cell, pitch, rooms[n])
        if len(shown) > 1:
            items.append(
                _heading(shown[n].net, _pairs(shown[n], planes[n]), sheet, x, y, widths[n])
            )
    return sheet, items


def _plane_words(fields: Fields, planes: Sequence[Plane]) -> list[tuple[str, str]]:
    """Return name and figures of every plane."""
    rows = {row.node: row for row in fields.rows}
    found = []
    for plane in planes:
        count = " × ".join(str(b - a + 1) for a, b in plane.seen)
        name = plane.name if not plane.what else f"{plane.name}: {spoken(plane.what)}"
        if not plane.what:
            says = say("{count} pixels are seen", count=count)
        elif plane is planes[-1]:
            row = rows.get(plane.node, fields.rows[-1])
            says = say("one unit sees {size} pixels", size=size_text(row.fields))
        else:
            each = [receptive_field(fields.net, plane.node, n) for n in range(len(plane.seen))]
            size = size_text([field for field in each if field is not None])
            says = say("{count} units, each sees {size} pixels", count=count, size=size)
        found.append((name, says))
    return found


def _pairs(fields: Fields, planes: Sequence[Plane]) -> str:
    """Return the weights for each pair of channels, where all planes are plain convolutions."""
    ops = [fields.net.op(plane.node) for plane in planes[1:]]
    if not all(isinstance(op, Conv2d) and op.groups == 1 for op in ops):
        return ""
    windows = [op.kernel_size for op in ops if isinstance(op, Conv2d)]
    terms = " + ".join(f"{a}·{b}" for a, b in windows)
    count = f"{terms} = {sum(a * b for a, b in windows)}"
    return say("{count} weights for each pair of channels", count=count)


def _heading(net: ArchGraph, more: str, sheet: Sheet, x: float, y: float, width: float) -> Group:
    theme = sheet.theme
    lines = [totals_of(net)] + ([more] if more else [])
    items: list[Item] = [
        Text(
            x,
            y + 22,
            shortened(title_of(net), HEADING, width, True),
            HEADING,
            theme.ink,
            "start",
            True,
        )
    ]
    items += [
        Text(
            x,
            y + 22 + SECOND * 1.35 * n,
            shortened(line, SECOND, width),
            SECOND,
            theme.soft,
            "start",
        )
        for n, line in enumerate(lines, 1)
    ]
    return Group(f"heading {net.name}", ("note",), tuple(items), title_of(net))


def _squares(shown: Sequence[Fields], sheet: Sheet, top: float) -> tuple[Sheet, list[Item]]:
    if isinstance(sheet.space, Upright) and len(shown) > 1:
        below = _below_each_other(shown, sheet, sheet.space, HEADING + 4 * SECOND)
        if below is not None:
            return below
    boxes = [nested_extent(fields) for fields in shown]
    wide, high = sheet.space or (float("inf"), 440.0 + top)
    _refuse_cut(shown, sheet, list(map(words_width, shown)), wide / len(shown) * 0.45)
    rooms = [min(words_width(fields), wide / len(shown) * 0.45) for fields in shown]
    spare = wide - sum(rooms) - (BESIDE + BETWEEN) * len(shown)
    across = sum(box[2] - box[0] for box in boxes)
    high_ones = [box[3] - box[1] for f, box in zip(shown, boxes, strict=True) if f.extents[1:]]
    scale = min((high - top) / max(high_ones, default=0.1), spare / across)
    if spare == float("inf"):
        scale = min(scale, WIDEST / across)
    widths = [
        (box[2] - box[0]) * scale + BESIDE + room for box, room in zip(boxes, rooms, strict=True)
    ]
    heights = [
        len(words_of(f)) * LINE if len(f.extents) == 1 else (box[3] - box[1]) * scale
        for f, box in zip(shown, boxes, strict=True)
    ]
    tall = min(max(*heights, 30.0 * max(len(words_of(f)) for f in shown)), high - top)
    sheet = sheet.holding(sum(widths) + BETWEEN * len(widths), tall + top)
    y = HEADER + 4 + max((sheet.space or (0.0, 0.0))[1] - tall - top, 0) / 2
    items: list[Item] = []
    for n, x in enumerate(_columns(sheet, widths)):
        corner = (x, y + top + (tall - heights[n]) / 2)
        if len(shown[n].extents) == 1:
            items += strips(shown[n], sheet.theme, corner, scale, rooms[n])
        else:
            items += nested(shown[n], sheet.theme, corner, scale, tall, rooms[n])
        if len(shown) > 1:
            items.append(_heading(shown[n].net, "", sheet, x, y, widths[n]))
    return sheet, items


def _refuse_cut(
    shown: Sequence[Fields], sheet: Sheet, wanted: Sequence[float], room: float
) -> None:
    """Raise DrawError where several networks on paper leave their words too little room."""
    if len(shown) > 1 and not sheet.canvas.title and max(wanted) * LEAST > room:
        names = " and ".join(f"'{fields.net.name}'" for fields in shown)
        raise DrawError(
            f"{names} have no room side by side on this canvas; "
            f"use {written('fit', sheet.canvas.larger)}."
        )


def _below_each_other(
    shown: Sequence[Fields], sheet: Sheet, space: Upright, top: float
) -> tuple[Sheet, list[Item]] | None:
    """Return networks one below the other; None where their words have room side by side.

    None, too, where they are too high so.
    """
    rooms = list(map(words_width, shown))
    if max(rooms) <= space[0] / len(shown) * 0.45:
        return None
    boxes = list(map(nested_extent, shown))
    rooms = [min(room, space[0] * 0.55) for room in rooms]
    scale = min(
        (space[0] - room - BESIDE) / (box[2] - box[0])
        for room, box in zip(rooms, boxes, strict=True)
    )
    heights = [
        max(0.0 if len(f.extents) == 1 else (box[3] - box[1]) * scale, LINE * len(words_of(f)))
        for f, box in zip(shown, boxes, strict=True)
    ]
    tall = sum(heights) + top * len(shown)
    if tall > space[1]:
        return None
    sheet = sheet.holding(space[0], tall)
    items: list[Item] = []
    y = HEADER + 4
    for fields, box, room, height in zip(shown, boxes, rooms, heights, strict=True):
        one = len(fields.extents) == 1
        high = LINE * len(words_of(fields)) if one else (box[3] - box[1]) * scale
        corner = (MARGIN, y + top + (height - high) / 2)
        items.append(_heading(fields.net, "", sheet, MARGIN, y, space[0]))
        if one:
            items += strips(fields, sheet.theme, corner, scale, room)
        else:
            items += nested(fields, sheet.theme, corner, scale, height, room)
        y += top + height
    return sheet, items
