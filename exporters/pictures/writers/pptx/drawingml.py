"""DrawingML, the markup of slides: fills, lines, geometries and text as strings of XML."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from ...drawing import Box, Curve, Paint, Point, Polygon, Text
from ...text.widths import plain
from .connectors import Link
from .inks import Inks
from .sites import Outline, is_ellipse

__all__ = [
    "EMU",
    "LINE",
    "RISE",
    "attribute",
    "connector_frame",
    "emu",
    "fill",
    "geometry",
    "line",
    "open_path",
    "paint",
    "paragraph",
    "plain_frame",
]

EMU = 12700
"""Office's units in a point."""
RISE = 0.92
"""From the top of a line of Arial to its baseline, per point of size.

The font's ascent is 0.905; programs add none or all of its line gap of 0.033 above.
"""
LINE = 1.149
"""The height of a line of Arial, per point of size."""
_QUARTER = 5_400_000
"""A right angle in Office's units."""


def emu(value: float) -> int:
    """Return a length in Office's units."""
    return round(value * EMU)


def attribute(text: str) -> str:
    """Return a quoted attribute value; line breaks stay, characters that XML forbids go."""
    words = "\n".join(plain(part) for part in text.split("\n"))
    return quoteattr(words, {"\n": "&#10;"})


def paint(paint: Paint, inks: Inks) -> str:
    """Return the fill and the outline of a shape."""
    return fill(paint, inks) + line(paint, inks)


def fill(paint: Paint, inks: Inks) -> str:
    """Return the fill of a shape."""
    return inks.fill(paint.fill, paint.opacity) if paint.fill else "<a:noFill/>"


def line(paint: Paint, inks: Inks, arrow: bool = False) -> str:
    """Return an outline, or a connector's line with its arrowhead."""
    if not paint.stroke:
        return "<a:ln><a:noFill/></a:ln>"
    dash = ""
    if paint.dash:
        scaled = [round(part / paint.width * 100_000) for part in paint.dashes]
        pairs = zip(scaled[::2], scaled[1::2], strict=True)
        dashes = "".join(f'<a:ds d="{d}" sp="{space}"/>' for d, space in pairs)
        dash = f"<a:custDash>{dashes}</a:custDash>"
    head = '<a:tailEnd type="triangle" w="med" len="med"/>' if arrow else ""
    return (
        f'<a:ln w="{emu(paint.width)}">{inks.line(paint.stroke, paint.opacity)}{dash}'
        f'<a:miter lim="800000"/>{head}</a:ln>'
    )


def plain_frame(x: float, y: float, width: float, height: float, rotate: float = 0.0) -> str:
    """Return a shape's place and size."""
    turn = f' rot="{round(rotate * 60_000) % 21_600_000}"' if rotate else ""
    return (
        f'<a:xfrm{turn}><a:off x="{emu(x)}" y="{emu(y)}"/>'
        f'<a:ext cx="{max(emu(width), 0)}" cy="{max(emu(height), 0)}"/></a:xfrm>'
    )


def geometry(outline: Outline) -> str:
    """Return a node's form: Office's own where its connection sites suffice."""
    shape = outline.shape
    if isinstance(shape, Polygon):
        corners = [(px - outline.x, py - outline.y) for px, py in shape.points]
        return _custom(outline, _path_points(corners))
    if outline.custom:
        return _custom_box(outline, shape)
    return _preset(shape)


def _preset(box: Box) -> str:
    if is_ellipse(box):
        return '<a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom>'
    least = min(box.width, box.height)
    if box.radius <= 0 or least <= 0:
        return '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    part = min(round(box.radius / least * 100_000), 50_000)
    adjust = f'<a:gd name="adj" fmla="val {part}"/>'
    return f'<a:prstGeom prst="roundRect"><a:avLst>{adjust}</a:avLst></a:prstGeom>'


def _custom_box(outline: Outline, box: Box) -> str:
    """Return a rounded rectangle written out, so that it can have more connection sites."""
    w, h = emu(box.width), emu(box.height)
    r = min(emu(box.radius), w // 2, h // 2)
    if not r:
        return _custom(outline, _path_points([(0, 0), (box.width, 0), (box.width, box.height),
                                              (0, box.height)]))  # fmt: skip
    corners = ((w - r, 0, 270), (w, h - r, 0), (r, h, 90), (0, r, 180))
    path = f'<a:moveTo><a:pt x="{r}" y="0"/></a:moveTo>'
    for x, y, angle in corners:
        path += f'<a:lnTo><a:pt x="{x}" y="{y}"/></a:lnTo>'
        path += f'<a:arcTo wR="{r}" hR="{r}" stAng="{angle * 60_000}" swAng="{_QUARTER}"/>'
    return _custom(outline, path + "<a:close/>")


def _path_points(points: Sequence[Point]) -> str:
    first, *others = [f'<a:pt x="{emu(x)}" y="{emu(y)}"/>' for x, y in points]
    lines = "".join(f"<a:lnTo>{point}</a:lnTo>" for point in others)
    return f"<a:moveTo>{first}</a:moveTo>{lines}<a:close/>"


def _custom(outline: Outline, path: str) -> str:
    sites = "".join(
        f'<a:cxn ang="{_angle(outline, x, y)}">'
        f'<a:pos x="{emu(x - outline.x)}" y="{emu(y - outline.y)}"/></a:cxn>'
        for x, y in outline.sites()
    )
    return (
        f"<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst>{sites}</a:cxnLst>"
        '<a:rect l="0" t="0" r="r" b="b"/><a:pathLst>'
        f'<a:path w="{emu(outline.width)}" h="{emu(outline.height)}">{path}</a:path>'
        "</a:pathLst></a:custGeom>"
    )


def _angle(outline: Outline, x: float, y: float) -> int:
    """Return the direction in which a line leaves this point: away from the nearest side."""
    away = (
        outline.x + outline.width - x,
        outline.y + outline.height - y,
        x - outline.x,
        y - outline.y,
    )
    return away.index(min(away)) * _QUARTER


def path_form(curve: Curve) -> tuple[str, float, float, float, float]:
    """Return a free line as a geometry, with its place and size."""
    points = curve.points
    x, y = min(p[0] for p in points), min(p[1] for p in points)
    width, height = max(p[0] for p in points) - x, max(p[1] for p in points) - y

    def at(points: Sequence[Point]) -> str:
        return "".join(f'<a:pt x="{emu(px - x)}" y="{emu(py - y)}"/>' for px, py in points)

    path = f"<a:moveTo>{at([curve.start])}</a:moveTo>"
    for segment in curve.segments:
        kind = "lnTo" if len(segment) == 1 else "cubicBezTo"
        path += f"<a:{kind}>{at(segment)}</a:{kind}>"
    fill = "" if curve.paint.fill else ' fill="none"'
    markup = (
        "<a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/>"
        '<a:rect l="0" t="0" r="r" b="b"/><a:pathLst>'
        f'<a:path w="{emu(width)}" h="{emu(height)}"{fill}>{path}</a:path></a:pathLst></a:custGeom>'
    )
    return markup, x, y, width, height


def open_path(curve: Curve) -> str:
    """Return a free line's place, size and form."""
    markup, *place = path_form(curve)
    return plain_frame(*place) + markup


def connector_frame(link: Link, curve: Curve) -> str:
    """Return a connector's place, size, turn and form.

    Connectors set out to the right and end below: others are turned and mirrored.
    """
    if not link.form:
        return open_path(curve)
    (x1, y1), (x2, y2) = link.start, link.end
    right, down = x2 >= x1, y2 >= y1
    # What bends back has a width for its bends to be parts of.
    least = 1.0 if link.turns else 0.0
    width, height = max(abs(x2 - x1), least), max(abs(y2 - y1), least)
    if link.upright:
        width, height = height, width
        turns = f' rot="{16200000 if right == down else 5400000}"'
        turns += (' flipH="1"' if right else "") + ("" if down else ' flipV="1"')
    else:
        turns = ("" if right else ' flipH="1"') + ("" if down else ' flipV="1"')
    x, y = (x1 + x2 - width) / 2, (y1 + y2 - height) / 2
    adjust = "".join(
        f'<a:gd name="adj{number}" fmla="val {round(turn * 100_000)}"/>'
        for number, turn in enumerate(link.turns, 1)
    )
    return (
        f'<a:xfrm{turns}><a:off x="{emu(x)}" y="{emu(y)}"/>'
        f'<a:ext cx="{emu(width)}" cy="{emu(height)}"/></a:xfrm>'
        f'<a:prstGeom prst="{link.form}"><a:avLst>{adjust}</a:avLst></a:prstGeom>'
    )


def paragraph(text: Text, inks: Inks, before: float = 0.0, face: str = "mn") -> str:
    """Return one line of text in one of the theme's faces, ``before`` points below the last."""
    side = {"start": "l", "middle": "ctr", "end": "r"}[text.anchor]
    style = (
        f'lang="en-US" sz="{round(text.size * 100)}" b="{int(text.bold)}" i="{int(text.italic)}"'
    )
    return (
        f'<a:p><a:pPr algn="{side}" marL="0" indent="0"><a:lnSpc><a:spcPct val="100000"/></a:lnSpc>'
        f'<a:spcBef><a:spcPts val="{max(round(before * 100), 0)}"/></a:spcBef>'
        '<a:spcAft><a:spcPts val="0"/></a:spcAft><a:buNone/></a:pPr>'
        f'<a:r><a:rPr {style} noProof="1">'
        f"{inks.text(text.color)}{inks.typeface(face)}</a:rPr>"
        f"<a:t>{escape(plain(text.text))}</a:t></a:r></a:p>"
    )
