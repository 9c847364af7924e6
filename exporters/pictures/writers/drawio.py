"""draw.io: boxes that can be moved and edited, lines that stay glued to them, a tab for each page.

The file is mxGraph's XML as diagrams.net reads it: https://www.drawio.com/doc/faq/diagram-source-edit
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import cos, radians, sin
from urllib.parse import quote
from xml.etree import ElementTree as ET

from ..drawing import Box, Curve, Drawing, Group, Item, Paint, Point, Polygon, Text
from ..dress.worn import worn
from ..pages import Page, Writer
from ..text.widths import plain, text_width
from .corners import corners_of

__all__ = ["WRITER", "write"]

_SAME_LINE = 2.0
"""Texts whose baselines are no farther apart than this, in points, stand on one line."""


def write(pages: Sequence[Page]) -> bytes:
    """Return the pages as one file, a diagram each; the same pages give the same bytes."""
    root = ET.Element("mxfile", host="archgraph", type="device")
    for number, page in enumerate(pages, 1):
        name = plain(page.drawing.title)
        diagram = ET.SubElement(root, "diagram", id=f"page{number}", name=name)
        _Diagram(diagram, page.drawing)
    ET.indent(root, " ")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


class _Diagram:
    """The cells of one page: every cell has a number, nodes are known by their ids."""

    def __init__(self, parent: ET.Element, drawing: Drawing) -> None:
        model = ET.SubElement(
            parent,
            "mxGraphModel",
            page="1",
            pageWidth=_number(drawing.width),
            pageHeight=_number(drawing.height),
            background=drawing.background or "none",
        )
        self.root = ET.SubElement(model, "root")
        self.count = 1
        ET.SubElement(self.root, "mxCell", {"id": "0"})
        ET.SubElement(self.root, "mxCell", {"id": "1", "parent": "0"})
        self.nodes: dict[str, str] = {}
        # Lines are glued to boxes that may come after them, but lie behind these.
        bodies = {each.id: _frame(each) for each in drawing.groups("node")}
        self.bodies = {key: found for key, found in bodies.items() if found is not None}
        self.later: list[tuple[ET.Element, Group]] = []
        self._add(drawing.items)
        for cell, group in self.later:
            ends = zip(("source", "target"), ("exitX", "entryX"), group.ends or (), strict=False)
            for end, glue, key in ends:
                if glue in (cell.get("style") or ""):  # else it branches off another line
                    cell.set(end, self.nodes[key])

    def _add(self, items: Iterable[Item]) -> None:
        for item in items:
            if not isinstance(item, Group):
                self._shape(item, "1", (0.0, 0.0))
            elif item.classes[:1] == ("node",):
                self._node(item)
            elif item.ends is not None:
                self._edge(item)
            else:
                self._add(item.items)

    def _cell(self, style: Mapping[str, object], parent: str, **words: str) -> ET.Element:
        """Add a cell; a title makes it an object with a tooltip."""
        self.count += 1
        holder, title = self.root, words.pop("tooltip", "")
        identity = {"id": str(self.count)}
        if title:
            label = words.pop("value", "")
            named = {"label": label, "tooltip": title, **identity}
            holder, identity = ET.SubElement(self.root, "UserObject", named), {}
        text = "".join(f"{k};" if v is None else f"{k}={v};" for k, v in style.items())
        return ET.SubElement(
            holder, "mxCell", {"style": text, "parent": parent, **identity, **words}
        )

    def _node(self, group: Group) -> None:
        body = next((each for each in group.items if isinstance(each, (Box, Polygon))), None)
        if body is None:
            self._add(group.items)
            return
        frame = self.bodies[group.id]
        texts = [each for each in group.items if isinstance(each, Text) and _lies_in(each, frame)]
        style = _shape_style(body, frame) | _label_style(texts, frame)
        cell = self._cell(
            style,
            "1",
            vertex="1",
            value=_label(texts),
            tooltip="\n".join(map(plain, group.title.splitlines())),
        )
        number = str(self.count)
        _place(cell, frame, (0.0, 0.0))
        self.nodes[group.id] = number
        for item in group.items:
            if item is not body and item not in texts and not isinstance(item, Group):
                self._shape(item, number, (frame.x, frame.y))

    def _edge(self, group: Group) -> None:
        lines = [item for item in group.items if isinstance(item, Curve)]
        for curve in lines:
            ends = group.ends if len(lines) == 1 else None
            cell = self._line(curve, "1", (0.0, 0.0), ends, group.title)
            if ends:
                self.later.append((cell, group))
        self._add(item for item in group.items if not isinstance(item, Curve))

    def _shape(self, item: Box | Polygon | Curve | Text, parent: str, origin: Point) -> None:
        if isinstance(item, Curve):
            self._line(item, parent, origin, None, "")
        elif isinstance(item, Text):
            self._text(item, parent, origin)
        else:
            frame = _bounds(item)
            style = _shape_style(item, frame)
            _place(self._cell(style, parent, vertex="1", connectable="0"), frame, origin)

    def _text(self, text: Text, parent: str, origin: Point) -> None:
        width = text_width(text.text, text.size, text.bold) + 2
        align = {"start": "left", "middle": "center", "end": "right"}[text.anchor]
        aside = {"start": width / 2, "middle": 0.0, "end": -width / 2}[text.anchor]
        turn = radians(text.rotate)
        x, y = aside, -0.33 * text.size  # the middle of the letters, before the text is turned
        middle = (x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn))
        height = 1.3 * text.size
        frame = Box(text.x + middle[0] - width / 2, text.y + middle[1] - height / 2, width, height,
                    Paint())  # fmt: skip
        style: dict[str, object] = {
            "text": None,
            "html": 1,
            "fillColor": "none",
            "strokeColor": "none",
            "align": align,
            "verticalAlign": "middle",
            "spacing": 0,
            "whiteSpace": "nowrap",
            **_font(text),
            **({"rotation": _number(text.rotate)} if text.rotate else {}),
        }
        words = {"vertex": "1", "connectable": "0", "value": _words([text])}
        cell = self._cell(style, parent, **words)
        _place(cell, frame, origin)

    def _line(
        self, curve: Curve, parent: str, origin: Point, ends: tuple[str, str] | None, title: str
    ) -> ET.Element:
        corners = corners_of(curve)
        style: dict[str, object] = {"html": 1, "rounded": 1, **_stroke(curve.paint)}
        style |= (
            {"endArrow": "block", "endFill": 1, "endSize": 4}
            if curve.arrow
            else {"endArrow": "none"}
        )
        if corners is None:
            corners, style["curved"] = _along(curve), 1
        first, *between, last = [(x - origin[0], y - origin[1]) for x, y in corners]
        for word, key, point in zip(
            ("exit", "entry"), ends or (), (corners[0], corners[-1]), strict=False
        ):
            style |= _glued(word, self.bodies[key], point) if key in self.bodies else {}
        cell = self._cell(style, parent, edge="1", tooltip=plain(title))
        geometry = ET.SubElement(cell, "mxGeometry", {"relative": "1", "as": "geometry"})
        _point(geometry, first, "sourcePoint")
        _point(geometry, last, "targetPoint")
        if between:
            array = ET.SubElement(geometry, "Array", {"as": "points"})
            for point in between:
                _point(array, point)
        return cell


def _frame(group: Group) -> Box | None:
    body = next((each for each in group.items if isinstance(each, (Box, Polygon))), None)
    return None if body is None else _bounds(body)


def _bounds(shape: Box | Polygon) -> Box:
    if isinstance(shape, Box):
        return shape
    xs, ys = zip(*shape.points, strict=True)
    return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys), shape.paint)


def _shape_style(shape: Box | Polygon, frame: Box) -> dict[str, object]:
    style: dict[str, object] = {"html": 1}
    if isinstance(shape, Polygon):
        style["shape"] = f"stencil({_stencil(shape, frame)})"
    elif abs(shape.width - shape.height) < 0.5 and shape.rounding >= shape.width / 2 - 0.1:
        style["shape"] = "ellipse"
    elif shape.rounding:
        style |= {"rounded": 1, "absoluteArcSize": 1, "arcSize": _number(2 * shape.rounding)}
    return style | {"fillColor": shape.paint.fill or "none", **_stroke(shape.paint)}


def _stroke(paint: Paint) -> dict[str, object]:
    style: dict[str, object] = {"strokeColor": paint.stroke or "none"}
    if paint.stroke:
        style["strokeWidth"] = _number(paint.width)
    if paint.dashes:
        style |= {"dashed": 1, "dashPattern": " ".join(map(_number, paint.dashes))}
    if paint.opacity < 1:
        style["opacity"] = _number(100 * paint.opacity)
    return style


def _font(text: Text) -> dict[str, object]:
    return {
        "fontFamily": worn().font.core,
        "fontSize": _number(text.size),
        "fontColor": text.color,
        "fontStyle": text.bold + 2 * text.italic,
    }


def _label_style(texts: Sequence[Text], frame: Box) -> dict[str, object]:
    """Return how a label lies in its box: in its middle, or beside a small picture there."""
    style: dict[str, object] = {"whiteSpace": "nowrap", "verticalAlign": "middle", "spacing": 0}
    if not texts:
        return style
    left = min(_left(each) for each in texts)
    right = max(_left(each) + text_width(each.text, each.size, each.bold) for each in texts)
    aside = (left + right) / 2 - (frame.x + frame.width / 2)
    if abs(aside) > 1:
        style["spacingLeft" if aside > 0 else "spacingRight"] = _number(2 * abs(aside))
    return style | _font(texts[0]) | {"fontStyle": 0}  # each line says its own


def _lies_in(text: Text, frame: Box) -> bool:
    """Return whether a text is a line of a box's label, and not something beside the box."""
    left, width = _left(text), text_width(text.text, text.size, text.bold)
    inside = frame.x <= left + 1 and left + width <= frame.x + frame.width + 1
    return inside and frame.y <= text.y <= frame.y + frame.height + 1 and not text.rotate


def _left(text: Text) -> float:
    width = text_width(text.text, text.size, text.bold)
    return text.x - {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]


def _label(texts: Sequence[Text]) -> str:
    lines: list[list[Text]] = []
    for text in sorted(texts, key=lambda each: (each.y, each.x)):
        if lines and abs(lines[-1][0].y - text.y) < _SAME_LINE:
            lines[-1].append(text)
        else:
            lines.append([text])
    return "<br>".join(map(_words, lines))


def _words(texts: Sequence[Text]) -> str:
    """Return texts of one line as HTML in which they are nothing but text."""
    return "&nbsp;&nbsp; ".join(
        f'<font style="font-size:{_number(each.size)}px" color="{each.color}">'
        f"{'<b>' * each.bold}{escape(plain(each.text))}{'</b>' * each.bold}</font>"
        for each in texts
    )


def _glued(word: str, frame: Box, point: Point) -> dict[str, object]:
    """Return where on a box a line ends, in parts of its width and height; nothing off the box."""
    x = (point[0] - frame.x) / (frame.width or 1)
    y = (point[1] - frame.y) / (frame.height or 1)
    if not (-0.02 <= x <= 1.02 and -0.02 <= y <= 1.02):
        return {}
    x, y = min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)
    return {f"{word}X": _number(x, 4), f"{word}Y": _number(y, 4), f"{word}Perimeter": 0}


def _along(curve: Curve) -> list[Point]:
    """Return points on a curve through which draw.io leads one of its own."""
    points, start = [curve.start], curve.start
    for part in curve.segments:
        if len(part) == 3:
            points += [_bezier((start, *part), t / 4) for t in (1, 2, 3)]
        points.append(part[-1])
        start = part[-1]
    return points


def _bezier(points: Sequence[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
    x, y = (sum(w * p[axis] for w, p in zip(weights, points, strict=True)) for axis in (0, 1))
    return x, y


def _stencil(shape: Polygon, frame: Box) -> str:
    """Return the shape in draw.io's language of stencils, compressed as it wants them."""
    steps = [(_number(x - frame.x), _number(y - frame.y)) for x, y in shape.points]
    (x, y), *rest = steps
    path = f'<move x="{x}" y="{y}"/>' + "".join(f'<line x="{x}" y="{y}"/>' for x, y in rest)
    words = (
        f'<shape w="{_number(frame.width)}" h="{_number(frame.height)}" aspect="variable" '
        f'strokewidth="inherit"><background><path>{path}<close/></path></background>'
        "<foreground><fillstroke/></foreground></shape>"
    )
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(quote(words, safe="~()*!.'").encode()) + packer.flush()
    return base64.b64encode(packed).decode()


def _place(cell: ET.Element, frame: Box, origin: Point) -> None:
    ET.SubElement(
        cell,
        "mxGeometry",
        {
            "x": _number(frame.x - origin[0]),
            "y": _number(frame.y - origin[1]),
            "width": _number(frame.width),
            "height": _number(frame.height),
            "as": "geometry",
        },
    )


def _point(parent: ET.Element, point: Point, role: str = "") -> None:
    named = {"as": role} if role else {}
    ET.SubElement(parent, "mxPoint", {"x": _number(point[0]), "y": _number(point[1]), **named})


def _number(value: float, digits: int = 2) -> str:
    return f"{round(value, digits):g}" if abs(value) < 1e5 else f"{value:.0f}"


WRITER = Writer(write, takes="pages")
