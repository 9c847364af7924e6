"""SVG: one self-contained file, its text selectable, its groups classed as Graphviz's are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..drawing import Box, Curve, Drawing, Group, Item, Paint, Polygon, Text
from ..pages import Page, Writer
from ..text.widths import plain
from .arrows import arrowhead

__all__ = ["WRITER", "svg_text", "write"]


def write(pages: Sequence[Page]) -> bytes:
    """Return one page as an SVG file in UTF-8."""
    return svg_text(pages[0].drawing).encode()


def svg_text(drawing: Drawing) -> str:
    """Return the SVG file: no script, no style sheet, no outside reference.

    A group's classes are those of its Group (``node conv``), its id is the node's name, its
    first child a ``<title>`` with the full facts. The same drawing gives the same text.
    """
    width, height = _number(drawing.width), _number(drawing.height)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="{_escaped(drawing.font.stack)}">',
        f"<title>{_escaped(drawing.title)}</title>",
    ]
    if drawing.description:
        lines.append(f"<desc>{_escaped(drawing.description)}</desc>")
    if drawing.background:
        lines.append(
            f'<rect class="background" width="{width}" height="{height}" '
            f'fill="{drawing.background}"/>'
        )
    lines += _items(drawing.items, {})
    lines.append("</svg>\n")
    return "\n".join(lines)


def _items(items: Iterable[Item], ids: dict[str, int]) -> list[str]:
    lines: list[str] = []
    for item in items:
        if isinstance(item, Group):
            lines += _group(item, ids)
        elif isinstance(item, Box):
            lines.append(_box(item))
        elif isinstance(item, Polygon):
            lines.append(_polygon(item))
        elif isinstance(item, Curve):
            lines += _curve(item)
        else:
            lines.append(_text(item))
    return lines


def _group(group: Group, ids: dict[str, int]) -> list[str]:
    # An id may stand once in a file: a name that two networks share gets a number behind it.
    count = ids.get(group.id, 0)
    ids[group.id] = count + 1
    name = group.id if not count else f"{group.id}~{count + 1}"
    data = "".join(f' data-{key}="{_escaped(value)}"' for key, value in group.data)
    head = f'<g id="{_escaped(name)}" class="{_escaped(" ".join(group.classes))}"{data}>'
    lines = [head]
    if group.title:
        lines.append(f"<title>{_escaped(group.title, lines=True)}</title>")
    return [*lines, *_items(group.items, ids), "</g>"]


def _box(box: Box) -> str:
    rounded = f' rx="{_number(box.rounding)}"' if box.rounding > 0 else ""
    return (
        f'<rect x="{_number(box.x)}" y="{_number(box.y)}" width="{_number(box.width)}" '
        f'height="{_number(box.height)}"{rounded}{_paint(box.paint)}/>'
    )


def _polygon(polygon: Polygon) -> str:
    points = " ".join(f"{_number(x)},{_number(y)}" for x, y in polygon.points)
    return f'<polygon points="{points}"{_paint(polygon.paint)}/>'


def _curve(curve: Curve) -> list[str]:
    shaft, head = arrowhead(curve) if curve.arrow else (curve, None)
    steps = [f"M{_point(shaft.start)}"]
    for segment in shaft.segments:
        letter = "L" if len(segment) == 1 else "C"
        steps.append(letter + " ".join(map(_point, segment)))
    lines = [f'<path d="{"".join(steps)}"{_paint(shaft.paint)}/>']
    return [*lines, _polygon(head)] if head else lines


def _text(text: Text) -> str:
    anchor = "" if text.anchor == "start" else f' text-anchor="{text.anchor}"'
    style = ' font-weight="bold"' if text.bold else ""
    style += ' font-style="italic"' if text.italic else ""
    x, y = _number(text.x), _number(text.y)
    turn = f' transform="rotate({_number(text.rotate)} {x} {y})"' if text.rotate else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{_number(text.size)}"{anchor}{style} '
        f'fill="{text.color}"{turn}>{_escaped(text.text)}</text>'
    )


def _paint(paint: Paint) -> str:
    parts = [f' fill="{paint.fill or "none"}"']
    if paint.stroke:
        parts.append(f' stroke="{paint.stroke}"')
        if paint.width != 1.0:
            parts.append(f' stroke-width="{_number(paint.width)}"')
        if paint.dash:
            parts.append(f' stroke-dasharray="{" ".join(map(_number, paint.dash))}"')
    if paint.opacity != 1.0:
        parts.append(f' opacity="{_number(paint.opacity)}"')
    return "".join(parts)


def _point(point: tuple[float, float]) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    """Return a number with at most two digits behind the point: 1/100 pt is far below a pixel."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _escaped(text: str, *, lines: bool = False) -> str:
    """Return text that is safe in elements and attributes; ``lines`` keeps line breaks."""
    kept = "\n".join(map(plain, text.split("\n"))) if lines else plain(text)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        kept = kept.replace(char, entity)
    return kept


WRITER = Writer(write)
