"""From placed volumes to a drawing: faces in light and shade, rays, words, title and legend."""

from __future__ import annotations

from ..drawing import Box, Curve, Drawing, Group, Item, Paint, Polygon, Text
from ..dress.spoken import say
from ..layout.scene import Rect
from ..look.colour import Colouring
from ..look.lines import edge_paint
from ..look.theme import Theme, Tone, mixed
from ..own_notes import about, written
from ..sheet import HEADER, MARGIN, Sheet
from ..view import ViewNode
from .columns import Volumes
from .placed_volumes import Frame, Ray, Scene, Word
from .projection import Solid
from .words_at import NAME

__all__ = ["paint"]

LIT, SHADED = 0.45, 0.16
"""How far the top face goes towards white, and the right face towards the outline's colour."""

_SHORTCUTS = ("shortcut", "projection", "padding")
"""Kinds of lines that lead beside another between the same volumes."""


def paint(volumes: Volumes, scene: Scene, colouring: Colouring, sheet: Sheet) -> Drawing:
    """Return the page: the volumes in the middle of their sheet."""
    sheet = sheet.holding(scene.width, scene.height)
    theme, (width, height) = sheet.theme, sheet.space or (0.0, 0.0)
    left = MARGIN + (width - scene.width) / 2
    top = HEADER + 4 + (height - scene.height) / 2
    scene = scene.moved(left, top)
    kinds: list[str] = sorted({found.link.kind for found in scene.rays})
    items: list[Item] = [sheet.header()]
    items += [_frame(frame, theme) for frame in scene.frames]
    words = _by_owner([word for word in scene.words if not word.crossing])
    for key, node in volumes.view.nodes.items():
        items.append(_volume(node, scene, colouring.tones[key], theme, words.get(key, [])))
    traffic = [word for word in scene.words if word.crossing]
    for found in scene.rays:
        name = f"{found.link.source}->{found.link.target}"
        own = [] if found.link.kind in _SHORTCUTS else words.pop(name, [])
        items.append(_ray(found, theme, own, colouring))
    items += [_note(key, words, theme) for key, words in _by_owner(traffic).items()]
    view = volumes.view
    rects = about(view, {key: _around(solid) for key, solid in scene.solids.items()})
    items += written(view.notes, rects, items, sheet, 1.0)
    items.append(sheet.legend(colouring, kinds))
    said = "{name} as volumes at {level} level: {told}"
    told = say(said, name=view.name, level=say(view.level), told=sheet.subtitle)
    return sheet.drawing(items, told)


def _around(solid: Solid) -> Rect:
    left, top, right, bottom = solid.rect
    return Rect(left, top, right - left, bottom - top)


def _frame(frame: Frame, theme: Theme) -> Group:
    left, top, right, bottom = frame.rect
    box = Box(
        left, top, right - left, bottom - top, Paint(theme.frame_fill, theme.frame_line, 0.8), 6
    )
    text = Text(left + 6, top + NAME * 1.15, frame.label, NAME, theme.soft, "start", bold=True)
    return Group(f"group {frame.label}", ("cluster",), (box, text), frame.label)


def _volume(node: ViewNode, scene: Scene, tone: Tone, theme: Theme, words: list[Word]) -> Group:
    solid = scene.solids[node.id]
    front = Paint(tone.fill, tone.stroke, 0.8)
    # A stop towards white and one towards the outline: light falls from above.
    part = LIT if theme.name != "dark" else 0.12
    lit = Paint(mixed(tone.fill, "#ffffff", part), tone.stroke, 0.8)
    side = Paint(mixed(tone.fill, tone.stroke, SHADED), tone.stroke, 0.8)
    items: list[Item] = [
        Box(solid.x, solid.y, solid.width, solid.height, front),
        Polygon(solid.top_face, lit),
        Polygon(solid.side_face, side),
    ]
    items += [
        _text(word, tone.text if word.inside else theme.ink if word.bold else theme.soft)
        for word in words
    ]
    classes = ("node", node.kind, *([node.role] if node.role else []))
    return Group(node.id, classes, tuple(items), node.title, data=node.data)


def _ray(found: Ray, theme: Theme, words: list[Word], colouring: Colouring) -> Group:
    link = found.link
    tone = colouring.tones[link.target]
    on_face = colouring.tones[link.source].text
    crossing = link.kind == "crossing"
    color = theme.crossing if crossing else tone.stroke
    thin = Paint(None, color, 0.7)
    items: list[Item] = []
    if found.area:
        items.append(Polygon(found.area, Paint(color, opacity=0.13)))
    if found.kernel:
        *inner, face = found.kernel
        hidden = Paint(None, color, 0.6, (2.0, 1.6))
        items += [Polygon(part, hidden) for part in inner]
        items.append(Polygon(face, Paint(tone.fill, color, 0.8)))
    line = edge_paint(link.kind, theme, 1.0) if found.arrow else thin
    for points in found.lines:
        items.append(Curve(points[0], tuple((point,) for point in points[1:]), line, found.arrow))
    items += [_text(word, on_face if word.inside else theme.soft) for word in words]
    ends = (link.source, link.target)
    again = "~2" if link.kind in _SHORTCUTS else ""
    name = f"{link.source}->{link.target}{again}"
    return Group(name, ("edge", link.kind), tuple(items), link.title, ends)


def _by_owner(words: list[Word]) -> dict[str, list[Word]]:
    found: dict[str, list[Word]] = {}
    for word in words:
        found.setdefault(word.owner, []).append(word)
    return found


def _note(key: str, words: list[Word], theme: Theme) -> Group:
    """Return the traffic between lanes, on a ground that keeps lines off it."""
    rects = [word.rect for word in words]
    left, top = min(r[0] for r in rects) - 3, min(r[1] for r in rects) - 1
    right, bottom = max(r[2] for r in rects) + 3, max(r[3] for r in rects) + 1
    ground = Box(left, top, right - left, bottom - top, Paint(theme.background), 3)
    texts = (_text(word, theme.crossing) for word in words)
    return Group(f"note {key}", ("note", "crossing"), (ground, *texts))


def _text(word: Word, color: str) -> Text:
    turn = -90.0 if word.upright else 0.0
    return Text(word.x, word.y, word.text, word.size, color, word.anchor, word.bold, rotate=turn)
