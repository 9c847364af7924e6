"""From a scene to a drawing: boxes with their words, lines, frames, title and legend."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .drawing import Anchor, Box, Curve, Drawing, Group, Item, Paint, Point, Text
from .dress.spoken import say
from .layout.box_sizes import LINE
from .layout.box_text import BESIDE, LABEL, PAD_X, SECONDARY, label_lines, secondary
from .layout.scene import Frame, Line, Note, Rect, Scene
from .look.colour import Colouring
from .look.contrast import contrast
from .look.lines import edge_paint
from .look.theme import Theme, Tone
from .look.tints import frame_paints
from .own_notes import about, noted, written
from .sheet import HEADER, MARGIN, Sheet
from .text.widths import shortened, text_width
from .view import View, ViewNode

__all__ = ["compose", "placed", "without_room"]

CLEAR = 3.0
"""The contrast that a line needs to its ground (WCAG 2.2, 1.4.11); below, it gets another."""


def compose(
    view: View,
    scene: Scene,
    colouring: Colouring,
    sheet: Sheet,
    more: Callable[[list[Item], Sheet], list[Item]] = lambda items, _: items,
) -> Drawing:
    """Return one page: the scene in the middle of its sheet, with all that stands around it.

    ``more`` adds to what is drawn on the sheet, before what is not wanted of that is cut off.
    """
    if sheet.grows:
        sheet = sheet.holding(scene.width * scene.scale, scene.height * scene.scale)
        scene.x = (sheet.extent[0] - 2 * MARGIN - scene.width * scene.scale) / 2
    kinds = sorted({line.edge.kind for line in scene.lines} | _inner_kinds(view, scene))
    items = _picture(view, scene, colouring, sheet, kinds)
    items += written(view.notes, _noted(view, scene), items, sheet, scene.scale)
    items.append(sheet.legend(colouring, kinds))
    level = "" if view.searched else say(" at {level} level", level=say(view.level))
    return sheet.drawing(more(items, sheet), f"{view.name}{level}: {sheet.subtitle}")


def without_room(view: View, scene: Scene, colouring: Colouring, sheet: Sheet) -> dict[str, str]:
    """Return the notes of a view that have no room beside their boxes on this sheet."""
    rects = _noted(view, scene)
    if not rects:
        return {}
    if sheet.grows:
        sheet = sheet.holding(scene.width * scene.scale, scene.height * scene.scale)
    items = _picture(view, scene, colouring, sheet, [])
    found = noted(view.notes, rects, items, sheet.area, sheet.theme, scene.scale)
    return dict(found.foot)


def _picture(
    view: View, scene: Scene, colouring: Colouring, sheet: Sheet, kinds: Sequence[str]
) -> list[Item]:
    """Return the title, the frames, the lines and the boxes, from the back to the front."""
    theme = sheet.theme
    put = _Placed(scene, theme, kinds)
    items: list[Item] = [sheet.header()]
    paints = frame_paints(view, scene, theme, tinted=colouring.scale is None)
    items += [put.frame(frame, paints[frame.key]) for frame in scene.frames]
    items += [put.edge(line) for line in scene.lines]
    for key, rect in scene.nodes.items():
        node = view.nodes[key]
        items.append(put.node(node, rect, colouring.tones.get(key) or theme.tone(node.kind)))
    return [*items, *(put.note(note) for note in scene.notes)]


def _noted(view: View, scene: Scene) -> dict[str, Rect]:
    """Return where on the page the boxes and frames are that have notes."""
    rects = {frame.key: frame.rect for frame in reversed(scene.frames)} | scene.nodes
    found = {}
    for key, rect in about(view, rects).items():
        x, y = placed(scene, (rect.x, rect.y))
        found[key] = Rect(x, y, rect.width * scene.scale, rect.height * scene.scale)
    return found


def _inner_kinds(view: View, scene: Scene) -> set[str]:
    return {
        str(view.nodes[key].shortcut) for key in scene.nodes if view.nodes[key].shortcut is not None
    }


def placed(scene: Scene, point: Point) -> Point:
    """Return where a point of a scene, at scale 1, lies on the page."""
    left, top = MARGIN + scene.x, HEADER + 8 + scene.y
    if scene.x == 0 and scene.y == 0:
        left, top = MARGIN, HEADER + 4
    return left + point[0] * scene.scale, top + point[1] * scene.scale


def _shorter(label: str) -> Iterator[str]:
    """Yield a frame's name, then shorter ones that still say how often it stands there."""
    yield label
    name, times, count = label.rpartition(" × ")
    if times and count.isdecimal():
        yield f"{name.partition(' · ')[0]} × {count}"
        yield f"× {count}"


class _Placed:
    """Turns a scene's coordinates, at scale 1, into the page's."""

    def __init__(self, scene: Scene, theme: Theme, kinds: Sequence[str]) -> None:
        self.scene, self.scale, self.theme, self.kinds = scene, scene.scale, theme, kinds

    def point(self, point: Point) -> Point:
        return placed(self.scene, point)

    def box(self, rect: Rect, paint: Paint, radius: float) -> Box:
        x, y = self.point((rect.x, rect.y))
        width, height = rect.width * self.scale, rect.height * self.scale
        return Box(x, y, width, height, paint, min(radius * self.scale, width / 2, height / 2))

    def frame(self, frame: Frame, paint: Paint) -> Group:
        theme, size = self.theme, SECONDARY * self.scale
        box = self.box(frame.rect, paint, 6)
        span = (frame.rect.height if frame.upright else frame.rect.width) * self.scale
        span -= 8 * self.scale
        items: list[Item] = [box]
        # Where a frame goes on in the next column it may be too short for its name: its tint
        # says where it belongs.
        fitting = (each for each in _shorter(frame.label) if text_width(each, size, True) <= span)
        if label := next(fitting, ""):
            inset = 6 * self.scale
            x, y = box.x + inset, box.y + size * 1.15
            anchor: Anchor = "start"
            if frame.upright:
                # Turned text starts at the bottom.
                x, y = box.x + size * 1.1, box.y + box.height - inset
                if not frame.late:
                    y, anchor = box.y + box.height / 2 + frame.shift * self.scale, "middle"
            elif frame.late:
                x, anchor = box.x + box.width - inset, "end"
            else:
                x += frame.shift * self.scale
            turn = -90.0 if frame.upright else 0.0
            items.append(Text(x, y, label, size, theme.soft, anchor, True, rotate=turn))
        return Group(f"group {frame.key}", ("cluster",), tuple(items), frame.label)

    def edge(self, line: Line) -> Group:
        paint = edge_paint(line.edge.kind, self.theme, min(1.3, self.scale), self.kinds)
        curve = Curve(
            self.point(line.start),
            tuple(tuple(self.point(p) for p in segment) for segment in line.segments),
            paint,
            line.arrow,
        )
        edge = line.edge
        ends = (edge.source, edge.target)
        return Group("->".join(ends), ("edge", edge.kind), (curve,), edge.title, ends)

    def note(self, note: Note) -> Group:
        size = SECONDARY * self.scale
        x, y = self.point((note.x, note.y))
        lines = note.text.split("\n")
        width = max(text_width(line, size) for line in lines) + 6
        height = size * 1.25 * len(lines) + 1
        paint = Paint(self.theme.background)
        items: list[Item] = [Box(x - width / 2, y - height / 2, width, height, paint, 3)]
        for index, line in enumerate(lines):
            base = y + size * (0.36 + 1.25 * (index - (len(lines) - 1) / 2))
            items.append(Text(x, base, line, size, self.theme.crossing))
        name = f"note {note.text} {round(note.x)},{round(note.y)}"
        return Group(name, ("note", note.kind), tuple(items))

    def node(self, node: ViewNode, rect: Rect, tone: Tone) -> Group:
        dash = (3.0, 2.0) if node.role in ("projection", "auxiliary") else ()
        paint = Paint(tone.fill, tone.stroke, 1.0 * min(1.3, self.scale), dash)
        radius = rect.height / 2 if node.form == "dot" else 2.0 if node.attached else 4.0
        radius = 12.0 if node.marks else radius
        box = self.box(rect, paint, radius)
        items: list[Item] = [box]
        if node.form == "dot":
            size = 12 * self.scale
            x, y = box.x + box.width / 2, box.y + box.height / 2
            items.append(Text(x, y + size * 0.34, node.label.head, size, tone.text, bold=True))
        else:
            items += self._words(node, box, tone.text)
        if node.shortcut is not None:
            items += self._glyph(node, box, tone)
        classes = ("node", node.kind, *([node.role] if node.role else []))
        return Group(node.id, classes, tuple(items), node.title, data=node.data)

    def _words(self, node: ViewNode, box: Box, color: str) -> list[Item]:
        scale, words = self.scale, label_lines(node)
        big, small = LABEL * scale, secondary() * scale
        glyph = 22.0 * scale if node.shortcut is not None else 0.0
        inner = box.width - 2 * (PAD_X - 2) * scale - glyph
        middle = box.x + (box.width - glyph) / 2
        if node.form in ("thin", "bar") and len(words) > 1:
            head, rest = words[0], " · ".join(words[1:])
            total = text_width(head, big) + BESIDE * scale + text_width(rest, small)
            # Where boxes are narrow, a separator is high enough for a line more.
            low = box.height < (big + small) * LINE
            if low if node.form == "thin" else total <= inner + 0.5:
                room = inner - text_width(rest, small) - BESIDE * scale
                head = shortened(head, big, max(room, 20.0))
                total = text_width(head, big) + BESIDE * scale + text_width(rest, small)
                base, start = box.y + box.height / 2 + big * 0.35, middle - total / 2
                return [
                    Text(start, base, head, big, color, "start"),
                    Text(start + total, base, rest, small, color, "end"),
                ]
        height = big * LINE + small * LINE * (len(words) - 1)
        top = box.y + (box.height - height) / 2
        items: list[Item] = []
        for index, line in enumerate(words):
            size = big if index == 0 else small
            top += size * LINE
            strong = index == 0 and node.form == "box"
            text = shortened(line, size, inner, bold=strong)
            items.append(Text(middle, top - size * 0.3, text, size, color, bold=strong))
        return items

    def _glyph(self, node: ViewNode, box: Box, tone: Tone) -> list[Item]:
        """Draw what goes on inside at the side of a box: an arc into a plus, or back in a loop."""
        scale = self.scale
        paint = edge_paint(node.shortcut or "shortcut", self.theme, min(1.2, scale))
        x, top = box.x + box.width - 17 * scale, box.y + 5 * scale
        out, bottom = x + 13 * scale, box.y + box.height - 9 * scale
        arc = Curve((x, top), (((out, top), (out, bottom), (x + 4.5 * scale, bottom)),), paint)
        radius = 4.0 * scale
        ground = tone.fill
        chip: list[Item] = []
        if paint.stroke and contrast(paint.stroke, tone.fill) < CLEAR:
            # On a fill of its own lightness it stands on the page's ground, in the legend's colour.
            ground = self.theme.background
            left, up = x - radius - 3 * scale, top - 2.5 * scale
            high = bottom + radius + 2 * scale - up
            chip = [Box(left, up, out - left, high, Paint(ground), 3 * scale)]
        if node.shortcut == "loop":
            back = ((out, bottom), (out, top + 2 * scale), (x - 3 * scale, top + 2 * scale))
            return [*chip, Curve((x - 3 * scale, bottom), (back,), paint, arrow=True)]
        ring = Paint(ground, paint.stroke, 1.0 * scale)
        line = Paint(None, paint.stroke, 1.0 * scale)
        reach = 2.3 * scale
        return [
            *chip,
            arc,
            Box(x - radius, bottom - radius, 2 * radius, 2 * radius, ring, radius),
            Curve((x - reach, bottom), (((x + reach, bottom),),), line),
            Curve((x, bottom - reach), (((x, bottom + reach),),), line),
        ]
