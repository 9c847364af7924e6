"""TeX: a document of TikZ pictures, one a page, that compiles with a stock LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import cycle

from ...drawing import Box, Curve, Drawing, Group, Item, Paint, Point, Polygon, Text
from ...dress.fonts_named import Font
from ...pages import Page, Writer
from .tex_text import comment, escaped

__all__ = ["WRITER", "write"]

_PREAMBLE = r"""% {title}
% Compile with pdflatex, lualatex or xelatex. pdflatex has fonts for Latin and Greek only and prints
% an empty frame for a word of another script; the others print it where the system has a font.
\documentclass{{article}}
\usepackage[paperwidth={width}bp,paperheight={height}bp,margin=0bp]{{geometry}}
\usepackage{{iftex,textcomp,amssymb,tikz}}
\usetikzlibrary{{arrows.meta}}
% \foreign and \eastern: {{number of letters}}{{word of another script}}
\ifPDFTeX
  \usepackage[T1]{{fontenc}}
  \usepackage[utf8]{{inputenc}}
  \IfFileExists{{lmodern.sty}}{{\usepackage{{lmodern}}}}{{}}
{pdftex}  \setlength\fboxsep{{0.4bp}}
  \newcommand\foreign[2]{{\fbox{{\rule{{0bp}}{{1.4ex}}\rule{{#1\dimexpr0.6em}}{{0bp}}}}}}
  \newcommand\eastern[2]{{\fbox{{\rule{{0bp}}{{1.4ex}}\rule{{#1\dimexpr0.9em}}{{0bp}}}}}}
\else
  \usepackage{{fontspec}}
{fontspec}  \newcommand\foreign[2]{{#2}}
  \newcommand\eastern[2]{{#2}}
  \newcommand\tryfont[2]{{\IfFontExistsTF{{#2}}{{%
    \expandafter\newfontfamily\csname#1font\endcsname{{#2}}%
    \expandafter\renewcommand\csname#1\endcsname[2]{{{{\csname#1font\endcsname##2}}}}}}{{}}}}
  \tryfont{{foreign}}{{DejaVu Sans}}
  \tryfont{{eastern}}{{Noto Sans CJK KR}}
\fi
\renewcommand\familydefault{{{default}}}
\pagestyle{{empty}}
\setlength\parindent{{0bp}}\setlength\topskip{{0bp}}
% \at{{size in bp}}{{text}}
\newcommand\at[2]{{\fontsize{{#1bp}}{{#1bp}}\selectfont #2}}
"""

_ORIGIN = (0.0, 0.0)


def write(pages: Sequence[Page]) -> bytes:
    """Return a LaTeX document as UTF-8, one page per drawing, lengths in PostScript points.

    Nodes bear the names of the network's nodes (with - for dots). Each picture begins with the list
    of their places: a person who changes one moves the box, its text and the ends of its edges.
    """
    drawings = [page.drawing for page in pages]
    width = max(drawing.width for drawing in drawings)
    height = max(drawing.height for drawing in drawings)
    lines = [
        _PREAMBLE.format(
            title=comment(drawings[0].title),
            width=_number(width),
            height=_number(height),
            **_fonts(drawings[0].font),
        )
    ]
    colours = sorted({c for drawing in drawings for c in _colours(drawing) if c})
    lines += [rf"\definecolor{{{_name(c)}}}{{HTML}}{{{c.lstrip('#').upper()}}}" for c in colours]
    lines.append(r"\begin{document}")
    for drawing in drawings:
        lines += _Painter(drawing).lines()
    lines.append(r"\end{document}")
    return ("\n".join(lines) + "\n").encode()


class _Painter:
    """One picture in the making; remembers the named boxes, so that edges can start from them."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.names: dict[str, str] = {}
        self.boxes: dict[str, Box] = {}
        for group in drawing.groups("node"):
            box = next((item for item in group.items if isinstance(item, Box)), None)
            if box and group.id not in self.names:
                self.names[group.id] = self._free_name(group.id)
                self.boxes[group.id] = box

    def _free_name(self, name: str) -> str:
        """Return a name that TikZ takes and that no other node bears."""
        base = re.sub(r"[^A-Za-z0-9_ -]+", "-", name).strip("- ") or "node"
        number, free = 1, base
        while free in self.names.values():
            number += 1
            free = f"{base}-{number}"
        return free

    def lines(self) -> Iterable[str]:
        drawing = self.drawing
        width, height = _number(drawing.width), _number(drawing.height)
        yield r"\vbox to 0bp{\hbox to 0bp{%"
        yield f"% {comment(drawing.title)}"
        yield r"\begin{tikzpicture}[x=1bp,y=-1bp,inner sep=0bp,outer sep=0bp]"
        yield rf"\useasboundingbox (0,0) rectangle ({width},{height});"
        if drawing.background:
            yield rf"\fill[{_name(drawing.background)}] (0,0) rectangle ({width},{height});"
        for key, box in self.boxes.items():
            yield rf"\coordinate ({self.names[key]}) at {_point(_centre(box))};"
        yield from self._items(drawing.items)
        yield r"\end{tikzpicture}\hss}\vss}\newpage"

    def _items(self, items: Iterable[Item], group: Group | None = None) -> Iterable[str]:
        for item in items:
            if isinstance(item, Group):
                yield f"% {' '.join(item.classes)}: {comment(item.id)}"
                node = self.boxes.get(item.id) if item.classes[:1] == ("node",) else None
                yield from self._node(item, node) if node else self._items(item.items, item)
            elif isinstance(item, Curve):
                yield _curve(item, self._end(group, item.start), self._end(group, _last(item)))
            else:
                yield _shape(item, _ORIGIN)

    def _node(self, group: Group, box: Box) -> Iterable[str]:
        """Draw a node in coordinates of its own, which start at its centre."""
        name, centre = self.names[group.id], _centre(box)
        yield rf"\begin{{scope}}[shift={{({name})}}]"
        size = f"minimum width={_number(box.width)}bp,minimum height={_number(box.height)}bp"
        for item in group.items:
            if item is box:
                yield rf"\node[{_paint(box.paint)}{_rounding(box)},{size}] ({name}) at (0,0) {{}};"
            elif isinstance(item, Curve):
                start, end = _point(item.start, centre), _point(_last(item), centre)
                yield _curve(item, start, end, centre)
            elif not isinstance(item, Group):
                yield _shape(item, centre)
        yield r"\end{scope}"

    def _end(self, group: Group | None, point: Point) -> str:
        """Return where a line ends: so far from the centre of the node that it touches."""
        for key in (group.ends or ()) if group else ():
            box = self.boxes.get(key)
            if box is None:
                continue
            x, y = point[0] - box.x, point[1] - box.y
            if -4 <= x <= box.width + 4 and -4 <= y <= box.height + 4:
                return f"([shift={{{_point(point, _centre(box))}}}]{self.names[key]}.center)"
        return _point(point)


def _shape(item: Box | Polygon | Text, origin: Point) -> str:
    if isinstance(item, Text):
        return _text(item, origin)
    if isinstance(item, Polygon):
        corners = " -- ".join(_point(point, origin) for point in item.points)
        return rf"\path[{_paint(item.paint)}] {corners} -- cycle;"
    corner = _point((item.x + item.width, item.y + item.height), origin)
    style = _paint(item.paint) + _rounding(item)
    return rf"\path[{style}] {_point((item.x, item.y), origin)} rectangle {corner};"


def _rounding(box: Box) -> str:
    return f",rounded corners={_number(box.rounding)}bp" if box.radius else ""


def _curve(curve: Curve, start: str, end: str, origin: Point = _ORIGIN) -> str:
    style = _paint(curve.paint)
    if curve.arrow:
        length = 4 + 2 * curve.paint.width
        size = f"length={_number(length)}bp,width={_number(0.8 * length)}bp"
        style += f",-{{Triangle[{size}]}}"
    path = start
    for place, segment in enumerate(curve.segments):
        *handles, to = (_point(point, origin) for point in segment)
        to = end if place == len(curve.segments) - 1 else to
        path += f" .. controls {' and '.join(handles)} .. {to}" if handles else f" -- {to}"
    return rf"\path[{style}] {path};"


def _text(text: Text, origin: Point) -> str:
    anchor = {"start": "base west", "middle": "base", "end": "base east"}[text.anchor]
    turn = f",rotate={_number(-text.rotate)}" if text.rotate else ""
    face = (r"\bfseries " if text.bold else "") + (r"\itshape " if text.italic else "")
    words = rf"\at{{{_number(text.size)}}}{{{face}{escaped(text.text)}}}"
    place = _point((text.x, text.y), origin)
    return rf"\node[anchor={anchor},text={_name(text.color)}{turn}] at {place} {{{words}}};"


def _fonts(font: Font) -> dict[str, str]:
    """Return what the preamble says of fonts: a serif is that of rmfamily."""
    kind = "main" if font.roman else "sans"
    given = rf"\newcommand\try{kind}[1]{{\IfFontExistsTF{{#1}}{{\set{kind}font{{#1}}}}{{}}}}"
    tried = "".join(rf"\try{kind}{{{name}}}" for name in font.tex)
    return {
        "pdftex": rf"  \usepackage{{{'mathptmx' if font.roman else 'helvet'}}}" + "\n",
        "fontspec": f"  {given}\n  {tried}\n",
        "default": r"\rmdefault" if font.roman else r"\sfdefault",
    }


def _paint(paint: Paint) -> str:
    parts = [f"fill={_name(paint.fill)}"] if paint.fill else []
    if paint.stroke:
        parts.append(f"draw={_name(paint.stroke)},line width={_number(paint.width)}bp")
        if paint.dash:
            words = zip(cycle(("on", "off")), paint.dashes, strict=False)
            pattern = " ".join(f"{word} {_number(length)}bp" for word, length in words)
            parts.append(f"dash pattern={pattern}")
    if paint.opacity < 1:
        parts.append(f"opacity={_number(paint.opacity)}")
    return ",".join(parts)


def _colours(drawing: Drawing) -> Iterable[str | None]:
    yield drawing.background
    for shape in drawing.shapes():
        yield from (
            (shape.color,) if isinstance(shape, Text) else (shape.paint.fill, shape.paint.stroke)
        )


def _name(colour: str) -> str:
    return "c" + colour.lstrip("#").lower()


def _centre(box: Box) -> Point:
    return box.x + box.width / 2, box.y + box.height / 2


def _last(curve: Curve) -> Point:
    return curve.segments[-1][-1]


def _point(point: Point, origin: Point = _ORIGIN) -> str:
    return f"({_number(point[0] - origin[0])},{_number(point[1] - origin[1])})"


def _number(value: float) -> str:
    """Return a length with two decimals at most, never in powers of ten."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


WRITER = Writer(write, takes="pages")
